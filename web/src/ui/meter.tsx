import "./meter.css";

/** How much of something is used, as a bar; `text` says it in words. */
export function Meter({ label, value, max, text }: { label: string; value: number; max: number; text: string }) {
  const share = max > 0 ? Math.min(1, value / max) : 0;
  return (
    <div class={`meter ${share > 0.9 ? "full" : ""}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={max} aria-valuenow={Math.min(value, max)} aria-valuetext={text}>
      <div style={{ width: `${(share * 100).toFixed(2)}%` }} />
    </div>
  );
}
