import { render } from "preact";
import "./theme.css";
import "./base.css";
import "./shell.css";
import { watchStatus } from "./api/live";
import { App } from "./app";
import { applyTheme, beginWithServersTheme } from "./theme";

applyTheme();
watchStatus();
beginWithServersTheme().catch(() => undefined); // the system's will do
render(<App />, document.getElementById("app")!);
