// Numbers as people read them.
const units = ["B", "kB", "MB", "GB", "TB"];

/** 98362432: "98 MB" */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function integer(count: number): string {
  return count.toLocaleString("en");
}

/** Three digits at most: 1234 → "1,234", 12.34 → "12.3", 0.1234 → "0.123" */
export function rate(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** Of seconds: "340 ms", "2.3 s", "4 min 10 s" */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seconds since 1970 as "today", "yesterday" or a date. */
export function day(time: number, now = Date.now() / 1000): string {
  const date = new Date(time * 1000);
  const days = Math.round((midnight(now) - midnight(time)) / 86400);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "This week";
  if (days < 31) return "This month";
  return date.toLocaleDateString("en", { year: "numeric", month: "long" });
}

function midnight(time: number): number {
  return new Date(time * 1000).setHours(0, 0, 0, 0) / 1000;
}
