// Models that can be pulled by name, and a field for those that are in no catalogue.
import { useMemo, useState } from "preact/hooks";
import { ask } from "../api/client";
import { engines } from "../api/library";
import type { CatalogueModels } from "../api/shapes";
import { Button } from "../ui/button";
import { Check } from "../ui/check";
import { SearchField, SelectField } from "../ui/field";
import { EmptyNote, ErrorNote } from "../ui/notes";
import { useResource } from "../ui/resource";
import { ByAddress } from "./by_address";
import { CatalogueRow } from "./catalogue_row";
import { filtered, licences, noFilters, sizes } from "./filters";

export function CatalogueTab() {
  const { data, error, reload } = useResource(() => ask<CatalogueModels>("/api/v1/catalogue"), []);
  const [filters, setFilters] = useState(noFilters);
  const set = (change: Partial<typeof filters>) => setFilters({ ...filters, ...change });
  const shown = useMemo(() => filtered(data?.models ?? [], filters), [data, filters]);
  if (error && !data) return <ErrorNote error={error} onRetry={() => void reload()} />;
  if (!data) return null;
  return (
    <div class="stack">
      <div class="filters">
        <SearchField label="Search models" value={filters.words} onInput={(words) => set({ words })} />
        <SelectField
          label="Engine"
          value={filters.engine}
          onInput={(engine) => set({ engine })}
          options={[{ value: "", label: "Any engine" }, ...engines.value.map(({ name, title }) => ({ value: name, label: title }))]}
        />
        <SelectField label="Size" value={filters.most} onInput={(most) => set({ most })} options={sizes} />
        <SelectField
          label="Licence"
          value={filters.licence}
          onInput={(licence) => set({ licence })}
          options={[{ value: "", label: "Any licence" }, ...licences(data.models).map((value) => ({ value, label: value }))]}
        />
        <Check checked={filters.fits} onChange={(fits) => set({ fits })}>
          Fits this machine
        </Check>
      </div>
      <p class="muted small" role="status">
        {shown.length === data.models.length ? `${shown.length} models` : `${shown.length} of ${data.models.length} models`}
      </p>
      {shown.length === 0 ? (
        <EmptyNote icon="search" title="No model of the catalogue is like that">
          <p>Loosen the filters, or download by address below.</p>
          <Button onClick={() => setFilters(noFilters)}>Show all</Button>
        </EmptyNote>
      ) : (
        <ul class="model-list">
          {shown.map((model) => (
            <CatalogueRow key={model.name} model={model} first={model.name === data.default} />
          ))}
        </ul>
      )}
      <ByAddress />
    </div>
  );
}
