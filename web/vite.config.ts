import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** What the built page contains of others, with their licences, as a file of its own. */
function licences(): Plugin {
  const bundled = ["preact", "@preact/signals", "marked", "dompurify", "highlight.js", "katex"];
  return {
    name: "licences",
    apply: "build",
    generateBundle() {
      const texts = bundled.map((name) => {
        const folder = new URL(`node_modules/${name}/`, import.meta.url);
        const { version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
        return `${name} ${version}\n\n${readFileSync(new URL("LICENSE", folder), "utf8").trim()}\n`;
      });
      this.emitFile({ type: "asset", name: "licences.txt", source: texts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

/** KaTeX names each font in three formats; every browser that runs this page reads the first. */
function woff2Only(): Plugin {
  return {
    name: "woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("katex") || !id.endsWith(".css")) return null;
      return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, "");
    },
  };
}

const server = process.env.TENFOLD_SERVER ?? "http://127.0.0.1:10010";

export default defineConfig({
  base: "./",
  plugins: [woff2Only(), licences()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0, // data: URLs are against the page's content policy
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": server, "/openapi.json": server } },
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
} as Parameters<typeof defineConfig>[0]);
