/// Starts the rule editor: asks for the draft and the catalogue, then draws.

import { find, h, icon, setSprite } from "../bench/dom.ts";
import { App } from "../rules/app.ts";
import { Server } from "../rules/server.ts";
import { findWords } from "../rules/words.ts";

async function start(): Promise<void> {
  const root = find("rule-editor");
  const { csrf = "", sprite = "", shop = "" } = root.dataset;
  const language = document.documentElement.lang;
  setSprite(sprite);
  const server = new Server(csrf);
  const [draft, catalogue] = await Promise.all([server.loadDraft(), server.loadCatalogue()]);
  if (draft.kind !== "ok" || catalogue.kind !== "ok") return fail(root, language);
  const app = new App(root, server, language, draft.value, catalogue.value, shop);
  app.start();
  root.dataset["ready"] = "true";
}

function fail(root: HTMLElement, language: string): void {
  const words = findWords(language);
  root.append(h("div", { class: "notice bad", role: "alert" }, icon("warning"), h("div", {}, words.cannotLoad, " ",
    h("button", { type: "button", class: "button small", click: () => location.reload() }, words.again))));
}

void start();
