// Icons as strokes on a 24 × 24 grid, drawn for this page.
const strokes = {
  chat: "M4 5.5h16v11H11l-4.5 3.5v-3.5H4z",
  box: "m12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  gauge: "M4 17a8.5 8.5 0 1 1 16 0M12 15.5l4-5.5M7 20h10",
  pulse: "M3 12h4l3-7 4 14 3-7h4",
  sliders: "M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20",
  close: "m6 6 12 12M18 6 6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7.5 7.5h9v9h-9z",
  copy: "M9 9h10v11H9zM5 15V4h10v1.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  pencil: "M5 19v-3.5L15.5 5l3.5 3.5L8.5 19zM13 7.5l3.5 3.5",
  refresh: "M19.5 12A7.5 7.5 0 1 1 17 6.4M17.5 3v4h-4",
  forward: "M5 6.5 12 12l-7 5.5zM13 6.5l7 5.5-7 5.5z",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 11v5M13.5 11v5",
  pin: "M9 4h6l-.8 6 3.3 3v1.5h-11V13l3.3-3zM12 14.5V20",
  download: "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14",
  upload: "M12 15V4M7.5 8.5 12 4l4.5 4.5M5 19.5h14",
  menu: "M4 7h16M4 12h16M4 17h16",
  back: "M14.5 6 8.5 12l6 6",
  next: "m9.5 6 6 6-6 6",
  down: "m6 9.5 6 6 6-6",
  clip: "m8 12.5 6.2-6.2a2.6 2.6 0 0 1 3.7 3.7l-7.4 7.4a4.6 4.6 0 0 1-6.5-6.5l6.7-6.7",
  file: "M7 3.5h7l4 4v13H7zM13.5 3.5V8H18",
  eye: "M3 12s3.2-6 9-6 9 6 9 6-3.2 6-9 6-9-6-9-6zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  columns: "M4 5h7v14H4zM13 5h7v14h-7z",
  bulb: "M9 17.5c0-2-2.5-3-2.5-6.5a5.5 5.5 0 0 1 11 0c0 3.5-2.5 4.5-2.5 6.5zM10 20.5h4",
  tool: "M14.5 6.5a4 4 0 0 1 5-1.5l-2.5 2.5.5 2 2 .5L22 7.5a4 4 0 0 1-5.5 4.700L8.5 20 5 16.5l7.800-8a4 4 0 0 1 1.700-2z",
  alert: "M12 4 2.5 20h19zM12 10v4.5M12 17.300v.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01",
  play: "M7 5v14l12-7z",
  pause: "M8 5.5v13M16 5.5v13",
  key: "M14.5 13.5a4.5 4.5 0 1 0-3.700-2L4 18.300V20.5h3v-2h2v-2l1.800-1.700M15.5 8.5v.01",
  folder: "M3.5 6h6l2 2.5h9V19h-17z",
  memory: "M6 6h12v12H6zM9.5 9.5h5v5h-5zM9 3v3M15 3v3M9 18v3M15 18v3M3 9h3M3 15h3M18 9h3M18 15h3",
  external: "M10 5H5v14h14v-5M13 5h6v6M19 5l-8.5 8.5",
} as const;

export type IconName = keyof typeof strokes;

/** Decoration: what it means is said by the text or label beside it. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === "more" ? 2.6 : 1.7}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={strokes[name]} />
    </svg>
  );
}
