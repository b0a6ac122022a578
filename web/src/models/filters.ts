// Which models of the catalogue are shown.
import type { CatalogueModel } from "../api/shapes";

export interface Filters {
  words: string;
  fits: boolean;
  engine: string; // "" for all, as below
  licence: string;
  most: string; // bytes
}

export const noFilters: Filters = { words: "", fits: false, engine: "", licence: "", most: "" };

export const sizes = [
  { value: "", label: "Any size" },
  { value: "500000000", label: "Up to 500 MB" },
  { value: "2000000000", label: "Up to 2 GB" },
  { value: "5000000000", label: "Up to 5 GB" },
  { value: "10000000000", label: "Up to 10 GB" },
];

/** Those with all the words somewhere, and all else that was chosen. */
export function filtered(models: CatalogueModel[], filters: Filters): CatalogueModel[] {
  const words = filters.words.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const said = [model.name, model.title, model.about, model.format, model.licence].join(" ").toLowerCase();
    const size = model.bytes ?? model.approximate_bytes;
    return (
      words.every((word) => said.includes(word)) &&
      (!filters.fits || model.fits === true) &&
      (filters.engine === "" || model.engines.includes(filters.engine)) &&
      (filters.licence === "" || model.licence === filters.licence) &&
      (filters.most === "" || (size !== null && size <= Number(filters.most)))
    );
  });
}

export function licences(models: CatalogueModel[]): string[] {
  return [...new Set(models.map(({ licence }) => licence))].filter((licence) => licence !== "").sort();
}
