/// Starts the template designer: asks for the draft and for what can be chosen, then draws.

import { find, h, icon, setSprite } from "../bench/dom.ts";
import { App } from "../designer/app.ts";
import { Server } from "../designer/server.ts";
import { findWords } from "../designer/words.ts";

async function start(): Promise<void> {
  const root = find("designer");
  const { csrf = "", sprite = "", shop = "", key = "", language = "" } = root.dataset;
  setSprite(sprite);
  const path = `/templates/${encodeURIComponent(key)}/${encodeURIComponent(language)}`;
  const server = new Server(csrf, path);
  const [draft, kit] = await Promise.all([server.loadDraft(), server.loadKit()]);
  if (draft.kind !== "ok" || kit.kind !== "ok") return fail(root);
  const app = new App(root, server, document.documentElement.lang, draft.value, kit.value, shop, path);
  app.start();
  root.dataset["ready"] = "true";
}

function fail(root: HTMLElement): void {
  const words = findWords(document.documentElement.lang);
  root.append(h("div", { class: "notice bad", role: "alert" }, icon("warning"), h("div", {}, words.cannotLoad, " ",
    h("button", { type: "button", class: "button small", click: () => location.reload() }, words.again))));
}

void start();
