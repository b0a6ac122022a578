import { ask } from "../api/client";
import { setTheme, theme, type Theme } from "../theme";
import { Section } from "../ui/section";
import { complain } from "../ui/toast";

const themes: { value: Theme; label: string }[] = [
  { value: "system", label: "As the system says" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** Acts at once in this browser, and is where browsers that never chose begin. */
function choose(next: Theme): void {
  setTheme(next);
  ask("/api/v1/settings", { method: "PATCH", body: { theme: next } }).catch(complain);
}

export function ThemePart() {
  return (
    <Section title="Colours" about="Acts at once. Browsers that never chose begin with it, too.">
      <fieldset class="card themes">
        <legend class="unseen">Colours</legend>
        {themes.map(({ value, label }) => (
          <label key={value} class="check">
            <input type="radio" name="theme" checked={theme.value === value} onInput={() => choose(value)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
    </Section>
  );
}
