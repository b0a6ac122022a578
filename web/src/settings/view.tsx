// How answers are made, what the server may use, and who may ask.
import { useEffect, useState } from "preact/hooks";
import { connected } from "../api/connection";
import { refreshLibrary } from "../api/library";
import { go } from "../router";
import { ErrorNote } from "../ui/notes";
import { Section } from "../ui/section";
import { Tabs } from "../ui/tabs";
import { ViewHead } from "../ui/view";
import { DataPart } from "./data_part";
import { loadSettings, settings } from "./draft";
import { EnginesPart } from "./engines_part";
import { GroupPart } from "./group_part";
import { KeysPart } from "./keys_part";
import { SaveBar } from "./save_bar";
import { ThemePart } from "./theme_part";
import "./settings.css";

const tabs = [
  { id: "answers", label: "Answers" },
  { id: "models", label: "Models and memory" },
  { id: "engines", label: "Engines" },
  { id: "server", label: "Server and keys" },
  { id: "page", label: "Page and data" },
];

export function SettingsView({ path }: { path: string[] }) {
  const [error, setError] = useState<unknown>();
  const load = () =>
    loadSettings().then(
      () => setError(undefined),
      (problem) => setError(problem),
    );
  const here = connected.value;
  useEffect(() => {
    if (!here) return;
    void load();
    void refreshLibrary();
  }, [here]);
  const tab = tabs.find(({ id }) => id === path[0])?.id ?? "answers";
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Settings" about="How answers are made, what Tenfold may use, and who may ask." />
        <div>
          <Tabs label="Settings" tabs={tabs} current={tab} onSelect={(id) => go("settings", [id])}>
            {error !== undefined && <ErrorNote error={error} onRetry={() => void load()} />}
            <Panel tab={tab} />
          </Tabs>
        </div>
        {settings.value && <SaveBar />}
      </div>
    </div>
  );
}

function Panel({ tab }: { tab: string }) {
  const all = settings.value;
  if (tab === "engines") return <EnginesPart />;
  if (tab === "page") {
    return (
      <>
        <ThemePart />
        {all && <DataPart settings={all} />}
      </>
    );
  }
  if (!all) return null;
  if (tab === "models") {
    return (
      <Section title="How models are kept" about="For all who ask.">
        <GroupPart group="models" />
      </Section>
    );
  }
  if (tab === "server") {
    return (
      <>
        <KeysPart server={all.server} />
        <Section title="When it starts">
          <GroupPart group="server" />
        </Section>
      </>
    );
  }
  return (
    <Section title="How answers are made" about="Unless a conversation or a request says otherwise.">
      <GroupPart group="generation" />
    </Section>
  );
}
