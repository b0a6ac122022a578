// A new chat without messages; and, when no model is here yet, the way to the first one.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../api/client";
import { follow } from "../api/events";
import { refreshLibrary } from "../api/library";
import type { CatalogueModel, CatalogueModels, DownloadProgress, Downloads } from "../api/shapes";
import { bytes, duration } from "../format";
import { address } from "../router";
import { Button } from "../ui/button";
import { ErrorNote, Progress } from "../ui/notes";
import { complain } from "../ui/toast";
import { askNow } from "./asking";
import "./welcome.css";

const questions = [
  "Explain in simple words why the sky is blue.",
  "Write a short, friendly invitation to a garden party.",
  "Name three primary colors.",
  "Write a Python function that reverses a string.",
];

export function Welcome() {
  const [busy, setBusy] = useState(false);
  const start = async (content: string) => {
    setBusy(true);
    await askNow({ content }).catch(complain);
    setBusy(false);
  };
  return (
    <div class="welcome">
      <h1>What would you like to know?</h1>
      <p class="muted">The model runs on this machine. Nothing you write leaves it.</p>
      <ul class="suggestions">
        {questions.map((question) => (
          <li key={question}>
            <button type="button" class="suggestion" disabled={busy} onClick={() => void start(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function FirstRun() {
  const [model, setModel] = useState<CatalogueModel>();
  const [download, setDownload] = useState<DownloadProgress>();
  const [error, setError] = useState<unknown>();
  const find = async () => {
    setError(undefined);
    try {
      const [{ models, default: first }, { downloads }] = await Promise.all([
        ask<CatalogueModels>("/api/v1/catalogue"),
        ask<Downloads>("/api/v1/downloads"),
      ]);
      setModel(models.find((one) => one.name === first) ?? models[0]);
      setDownload(downloads.find((one) => one.state === "running" || one.state === "waiting"));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void find(), []);
  const get = async () => {
    setError(undefined);
    try {
      setDownload(await ask<DownloadProgress>("/api/v1/downloads", { body: { model: model!.name } }));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => {
    if (!download || !["waiting", "running"].includes(download.state)) return;
    const stop = new AbortController();
    const onEvent = ({ data }: { data: string }) => {
      const now = JSON.parse(data) as DownloadProgress;
      setDownload(now);
      if (now.state === "done") void refreshLibrary();
      return ["done", "failed", "cancelled"].includes(now.state);
    };
    void follow(`/api/v1/downloads/${download.id}/events`, { signal: stop.signal, onEvent, onError: setError });
    return () => stop.abort();
  }, [download?.id]);
  const failed = download?.state === "failed" ? download.error : undefined;
  return (
    <div class="welcome">
      <h1>Welcome to Tenfold</h1>
      <p class="muted">It runs language models on this machine. One model, and you can begin; nothing you write leaves it.</p>
      {error !== undefined && <ErrorNote error={error} onRetry={() => void find()} />}
      {failed && <ErrorNote error={new Error(`${failed.message}. ${failed.hint}`)} />}
      {model && (
        <div class="card first-model">
          <div>
            <h2>{model.title}</h2>
            <p class="muted">
              {capital(model.about)}. {bytes(model.bytes ?? model.approximate_bytes ?? 0)}, {model.licence}.
            </p>
          </div>
          {download && !failed && download.state !== "cancelled" ? (
            <Coming download={download} />
          ) : (
            <Button kind="primary" icon="download" onClick={() => void get()}>
              Get it and begin
            </Button>
          )}
        </div>
      )}
      <p class="small">
        <a href={address("models")}>See all models, or use one you have</a>
      </p>
    </div>
  );
}

function Coming({ download }: { download: DownloadProgress }) {
  const { done_bytes: done, total_bytes: total, seconds_left: left } = download;
  const part = total ? done / total : undefined;
  return (
    <div class="coming">
      <Progress label="Download of the model" value={part} />
      <p class="small muted number" role="status">
        {total ? `${bytes(done)} of ${bytes(total)}` : capital(download.step || "starting")}
        {left !== null && left > 0 && `, ${duration(left)} left`}
      </p>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
