/// Bundles what the screens load: warehouse_ui/station/entries/*.ts and warehouse_ui/styles/*.css (top level each) become
/// warehouse_ui/static/<name>.js and <name>.css; warehouse_ui/assets is copied as it is. Started by frontend.py.
import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const screens = resolve(import.meta.dirname, "warehouse_ui");

function listEntries(folder: string, extension: string): [string, string][] {
  const place = join(screens, folder);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => extname(name) === extension)
    .map((name) => [basename(name, extension), join(place, name)]);
}

const scripts = listEntries("station/entries", ".ts");
const styles = listEntries("styles", ".css");

// One name for a script and a style sheet would make one entry silently replace the other.
const names = [...scripts, ...styles].map(([name]) => name);
const twice = names.filter((name, index) => names.indexOf(name) !== index);
if (twice.length > 0) throw new Error(`A script and a style sheet share the name ${twice.join(", ")}.`);

/// Font packages name a woff beside each woff2: no browser we build for needs it, and it doubles the size of the program.
const dropOldFonts: Plugin = {
  name: "drop-old-fonts",
  enforce: "post",
  generateBundle: (_options, bundle) => {
    for (const [name, file] of Object.entries(bundle)) {
      if (name.endsWith(".woff")) delete bundle[name];
      else if (file.type === "asset" && name.endsWith(".css"))
        file.source = String(file.source).replaceAll(/,\s*url\([^)]*\.woff\)\s*format\(["']?woff["']?\)/g, "");
    }
  },
};

export default defineConfig({
  plugins: [dropOldFonts],
  base: "/static/",
  publicDir: join(screens, "assets"),
  build: {
    outDir: join(screens, "static"),
    emptyOutDir: true,
    target: "es2022",
    // light-dark() is written through as it is: its polyfill breaks when color-scheme is set in another file.
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    sourcemap: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries([...scripts, ...styles]),
      // Fixed names: pages add ?v=<content hash> themselves, and the offline bench must know what to keep.
      output: { entryFileNames: "[name].js", chunkFileNames: "shared-[name].js", assetFileNames: "[name][extname]" },
    },
  },
  test: {
    include: ["warehouse_ui/station/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
