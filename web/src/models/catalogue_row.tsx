import { useState } from "preact/hooks";
import { engineTitle, models } from "../api/library";
import { status } from "../api/live";
import type { CatalogueModel } from "../api/shapes";
import { integer } from "../format";
import { address } from "../router";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { capital } from "../ui/capital";
import { Facts } from "../ui/facts";
import { Icon } from "../ui/icons";
import { complain } from "../ui/toast";
import { downloads, isActive, startDownload } from "./downloads";
import { byHand, fit, size, tried } from "./words";

/** `first`: the one to begin with. */
export function CatalogueRow({ model, first }: { model: CatalogueModel; first: boolean }) {
  const fits = fit(model, status.value?.machine);
  const hand = byHand(model);
  return (
    <li class="card model-row">
      <div class="grow">
        <h3 class="model-name">
          {model.title || model.name}
          {first && <Badge kind="accent">A good first one</Badge>}
          {model.gated && <Badge kind="warn">Needs an account</Badge>}
          {model.outlook.state === "unverified" && <Badge kind="warn">Not tried</Badge>}
        </h3>
        {model.about && <p class="small">{capital(model.about)}.</p>}
        <p class="muted small">{[size(model), model.engines.map(engineTitle).join(", "), model.licence].filter(Boolean).join(" · ")}</p>
        <p class={`small fit ${fits.kind}`}>
          {fits.kind !== "plain" && <Icon name={fits.kind === "good" ? "check" : "alert"} size={15} />}
          {fits.text}
        </p>
        {tried(model) && <p class="small muted">{tried(model)}</p>}
        {hand && <p class="small muted">{hand}</p>}
        <details class="small">
          <summary>More about {model.name}</summary>
          <Facts
            facts={[
              ["Name", <code>{model.name}</code>],
              ["Format", model.format],
              ["Context", model.context === null ? null : `${integer(model.context)} tokens`],
              ["SHA-256", model.sha256 && <code>{model.sha256}</code>],
              ["Catalogue", model.catalogue],
              ["Account", model.gated && "Its source gives it only to those who sign in and accept its terms."],
              [
                "Home page",
                model.homepage && (
                  <a href={model.homepage} target="_blank" rel="noopener noreferrer">
                    {model.homepage}
                  </a>
                ),
              ],
            ]}
          />
        </details>
      </div>
      <Get model={model} />
    </li>
  );
}

function Get({ model }: { model: CatalogueModel }) {
  const [busy, setBusy] = useState(false);
  const { name } = model;
  if (models.value?.some((one) => one.name === name)) return <a class="button" href={address("models", "model", name)}>It is here</a>;
  if (byHand(model)) return null;
  if (downloads.value.some((one) => one.model === name && isActive(one))) return <Badge kind="accent">Downloading</Badge>;
  const get = () => {
    setBusy(true);
    startDownload(name)
      .catch(complain)
      .finally(() => setBusy(false));
  };
  return (
    <Button icon="download" busy={busy} aria-label={`Download ${name}`} onClick={get}>
      Download
    </Button>
  );
}
