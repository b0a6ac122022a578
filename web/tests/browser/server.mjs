// A `tenfold serve` of the test's own, in an empty folder, with tiny models.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const binary = process.env.TENFOLD_TEST_BINARY;
export const ownsServer = Boolean(binary);
const models = new URL("../../../tests/models/", import.meta.url).pathname;

export function modelFile(path) {
  return join(models, path);
}

/** The default model where the user has it: slow enough for answers that last. */
const smollm2 = join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "tenfold/models/smollm2-135m-instruct.gguf");
export const hasSmollm2 = !binary || existsSync(smollm2);

/** With a `key` it asks for that one. */
export async function startServer({ withModels = true, model = "tiny-llama", key } = {}) {
  if (!binary) return { url: process.env.TENFOLD_TEST_URL, async stop() {} };
  const home = await mkdtemp(join(tmpdir(), "tenfold-page-"));
  const environment = { ...process.env, TENFOLD_HOME: home, ...(key && { TENFOLD_API_KEY: key }) };
  if (withModels) {
    for (const name of ["tiny-llama", "tiny-qwen3"]) {
      await promisify(execFile)(binary, ["import", modelFile(`${name}/${name}-f32.gguf`), "--name", name], { env: environment });
    }
    if (existsSync(smollm2)) await promisify(execFile)(binary, ["import", smollm2, "--name", "smollm2"], { env: environment });
  }
  const server = { key };
  const start = async (port) => {
    const wanted = withModels ? ["--model", model] : [];
    const child = spawn(binary, ["serve", "--port", String(port), ...wanted], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.resume();
    server.child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /listening on (http:\S+)/.exec(line);
      if (!found) continue;
      server.url = found[1].replace(/\/$/, "");
      child.stdout.resume();
      return;
    }
    throw new Error("tenfold serve ended at once");
  };
  const kill = async () => {
    if (server.child.exitCode !== null) return;
    server.child.kill("SIGKILL");
    await once(server.child, "exit");
  };
  await start(0);
  server.kill = kill;
  server.startAgain = () => start(new URL(server.url).port);
  server.stop = async () => {
    await kill();
    await rm(home, { recursive: true, force: true });
  };
  return server;
}

/** A request to the server's own API. */
export async function api(server, method, path, body) {
  const headers = { ...(body && { "content-type": "application/json" }), ...(server.key && { authorization: `Bearer ${server.key}` }) };
  const reply = await fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
