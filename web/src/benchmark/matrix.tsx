// Models × engines as boxes to tick, where an engine opens the model.
import { engineTitle, type Choice } from "../api/library";
import { Check } from "../ui/check";
import { Table } from "../ui/table";
import { key } from "./plan";

export interface MatrixProps {
  choices: Choice[];
  chosen: ReadonlySet<string>;
  onChange(chosen: ReadonlySet<string>): void;
}

export function Matrix({ choices, chosen, onChange }: MatrixProps) {
  const names = [...new Set(choices.map(({ model }) => model.name))];
  const engines = [...new Set(choices.map(({ engine }) => engine))];
  const possible = new Set(choices.map(({ model, engine }) => key(model.name, engine)));
  const tick = (one: string, on: boolean) => onChange(new Set(on ? [...chosen, one] : [...chosen].filter((other) => other !== one)));
  const all = chosen.size === possible.size;
  return (
    <Table label="Models and engines to measure">
      <thead>
        <tr>
          <th scope="col">
            <Check checked={all} onChange={() => onChange(all ? new Set() : possible)}>
              All
            </Check>
          </th>
          {engines.map((engine) => (
            <th key={engine} scope="col">
              {engineTitle(engine)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name} class="matrix-row">
            <th scope="row">{name}</th>
            {engines.map((engine) => {
              const one = key(name, engine);
              return (
                <td key={engine}>
                  {possible.has(one) ? (
                    <Check checked={chosen.has(one)} onChange={(on) => tick(one, on)} label={`${name} on ${engineTitle(engine)}`} />
                  ) : (
                    <span class="muted small">does not open it</span>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
