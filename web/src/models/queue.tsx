// Downloads that run, wait, paused or failed.
import { useState } from "preact/hooks";
import type { DownloadProgress } from "../api/shapes";
import { sentence } from "../api/client";
import { Button, IconButton } from "../ui/button";
import { Progress } from "../ui/notes";
import { Section } from "../ui/section";
import { complain } from "../ui/toast";
import { cancelDownload, dismissDownload, downloads, isActive, pauseDownload, startDownload } from "./downloads";
import { progressText } from "./words";

export function Queue() {
  if (downloads.value.length === 0) return null;
  return (
    <Section title="Downloads">
      <ul class="model-list">
        {downloads.value.toReversed().map((download) => (
          <Row key={download.id} download={download} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ download }: { download: DownloadProgress }) {
  const { model, state, error, done_bytes, total_bytes, file_number, file_count } = download;
  const share = total_bytes ? done_bytes / total_bytes : undefined;
  return (
    <li class="card download">
      <div class="grow">
        <p class="download-name">
          <strong>{model}</strong>
          {share !== undefined && <span class="muted small number">{Math.floor(share * 100)}%</span>}
        </p>
        {state !== "failed" && <Progress label={`Download of ${model}`} value={state === "waiting" ? 0 : share} />}
        <p class="muted small number">
          {progressText(download)}
          {file_count > 1 && state === "running" && ` · file ${file_number} of ${file_count}`}
        </p>
        {error && (
          <p class="small wrong" role="alert">
            {sentence(error.message)} {sentence(error.hint)}
          </p>
        )}
      </div>
      <Actions download={download} />
    </li>
  );
}

function Actions({ download }: { download: DownloadProgress }) {
  const [busy, setBusy] = useState(false);
  const { model, state } = download;
  const act = (action: () => Promise<void>) => () => {
    setBusy(true);
    action()
      .catch(complain)
      .finally(() => setBusy(false));
  };
  if (isActive(download)) {
    return (
      <div class="row">
        <IconButton icon="pause" label={`Pause the download of ${model}`} disabled={busy} onClick={act(() => pauseDownload(download))} />
        <IconButton icon="close" label={`Cancel the download of ${model}`} disabled={busy} onClick={act(() => cancelDownload(download))} />
      </div>
    );
  }
  const again = state === "failed" ? "Try again" : "Resume";
  return (
    <div class="row">
      <Button busy={busy} aria-label={`${again}: ${model}`} onClick={act(() => startDownload(model))}>
        {again}
      </Button>
      <IconButton icon="close" label={`Take ${model} off this list`} onClick={() => dismissDownload(download)} />
    </div>
  );
}
