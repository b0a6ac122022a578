import { render } from "preact";
import "./theme.css";
import "./base.css";
import "./shell.css";
import { watchStatus } from "./api/live";
import { App } from "./app";
import { applyTheme } from "./theme";

applyTheme();
watchStatus();
render(<App />, document.getElementById("app")!);
