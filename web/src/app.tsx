// The shell: the five views, the banner of a server that is away, and what lies over all views.
import { useEffect } from "preact/hooks";
import { keyWanted } from "./api/client";
import { connected } from "./api/connection";
import { address, place, type View } from "./router";
import { KeyDialog } from "./key_dialog";
import mark from "./icon.svg";
import { ChatView } from "./chat/view";
import { DialogHost } from "./ui/ask";
import { Icon, type IconName } from "./ui/icons";
import { lazy } from "./ui/lazy";
import { Toasts } from "./ui/toast";

const tabs: { view: View; label: string; icon: IconName }[] = [
  { view: "chat", label: "Chat", icon: "chat" },
  { view: "models", label: "Models", icon: "box" },
  { view: "benchmark", label: "Benchmark", icon: "gauge" },
  { view: "monitor", label: "Monitor", icon: "pulse" },
  { view: "settings", label: "Settings", icon: "sliders" },
];

const pages = {
  models: lazy(() => import("./models/view").then((module) => module.ModelsView)),
  benchmark: lazy(() => import("./benchmark/view").then((module) => module.BenchmarkView)),
  monitor: lazy(() => import("./monitor/view").then((module) => module.MonitorView)),
  settings: lazy(() => import("./settings/view").then((module) => module.SettingsView)),
};

export function App() {
  const { view, path } = place.value;
  const label = tabs.find((tab) => tab.view === view)!.label;
  useEffect(() => {
    if (view !== "chat") document.title = `${label} · Tenfold`; // a chat has a title of its own
  }, [label]);
  const Page = view === "chat" ? ChatView : pages[view];
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={toMain}>
        Skip to the content
      </a>
      <Rail current={view} />
      <Banner />
      <main id="main" tabIndex={-1} aria-label={label}>
        <Page path={path} />
      </main>
      <Toasts />
      <DialogHost />
      {keyWanted.value && <KeyDialog />}
    </div>
  );
}

function toMain(event: Event) {
  event.preventDefault();
  // A view may begin with a list; it says where its content is.
  const content = document.querySelector<HTMLElement>("[data-content]") ?? document.getElementById("main");
  content?.focus();
}

function Rail({ current }: { current: View }) {
  return (
    <nav class="rail" aria-label="Views">
      <img class="mark" src={mark} alt="" />
      {tabs.map(({ view, label, icon }) => (
        <a key={view} href={address(view)} class={view === "settings" ? "last" : ""} aria-current={view === current ? "page" : undefined}>
          <Icon name={icon} size={21} />
          {label}
        </a>
      ))}
    </nav>
  );
}

function Banner() {
  return (
    <div role="status">
      {!connected.value && (
        <div class="banner">
          <span class="dot" aria-hidden="true" />
          <span>
            Tenfold is not answering. Is it still running? Start it with <code>tenfold serve</code>: what you write is kept, and this page
            goes on by itself.
          </span>
        </div>
      )}
    </div>
  );
}
