// The page's types of the API, from its document. Where a field nobody knows may be null, which is as if it were not
// there, the types have no such field: TypeScript cannot say it of the unknown ones alone.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const strict = (key, value) => (key === "additionalProperties" && value?.type === "null" ? false : value);
const document = JSON.parse(readFileSync("../src/server/openapi.json", "utf8"), strict);
writeFileSync("src/api/types.ts", astToString(await openapiTS(document)));
