/// The head of the page: the name, whether it is saved, undoing, and the way to publishing.

import { h, icon } from "../bench/dom.ts";
import { type Rule, type RulesetDocument, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import type { Saver } from "../editing/saving.ts";
import { fill } from "./words.ts";

export interface Acts {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly publish: (event: Event) => void;
}

export function buildHead(editor: Editor, saver: Saver<RulesetDocument, Rule>, acts: Acts): HTMLElement {
  const { words } = editor;
  return h("div", { class: "rule-head" },
    editor.rule === undefined ? h("h1", { tabindex: "-1" }, words.title) : buildNames(editor),
    buildBar(editor, saver, acts));
}

export function buildBar(editor: Editor, saver: Saver<RulesetDocument, Rule>, acts: Acts): HTMLElement {
  const { words } = editor;
  return h("div", { class: "rule-bar" },
    buildStanding(editor, saver),
    h("div", { class: "actions" },
      buildTool("undo", words.undo, "Ctrl+Z", editor.store.canUndo, acts.undo),
      buildTool("redo", words.redo, "Ctrl+Shift+Z", editor.store.canRedo, acts.redo),
      h("a", { class: "button small", href: "/rules/figures" }, icon("list"), words.toFigures),
      h("a", { class: "button small", href: "/rules/backtests/new" }, icon("play"), words.toBacktest),
      h("a", { class: "button small", href: "/rules/versions" }, icon("history"), words.versions),
      isChanged(saver) ? h("a", { class: "button small primary", id: "to-publish", href: "/rules/publish", click: acts.publish }, icon("check"), words.toPublish) : null));
}

const isChanged = (saver: Saver<RulesetDocument, Rule>): boolean => saver.draft.is_changed || saver.standing !== "saved" || saver.draft.live_number === null;

function buildTool(name: string, text: string, keys: string, label: string | null, act: () => void): HTMLElement {
  return h("button", {
    type: "button", class: "rule-tool", "data-focus": name, id: `rule-${name}`, "aria-label": label ? `${text}: ${label}` : text, title: `${text} (${keys})`,
    "aria-disabled": String(label === null), click: act,
  }, icon(name));
}

/** The name is typed where it stands; both languages, since slips and reports speak both. */
function buildNames(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const own = editor.language === "en" ? "en" : "ja";
  const other = own === "ja" ? "en" : "ja";
  const input = (language: "ja" | "en", label: string): HTMLInputElement => h("input", {
    id: `name-${language}`, type: "text", value: rule!.name[language], lang: language, maxlength: "200", "aria-label": label, placeholder: label, autocomplete: "off",
    "data-focus": `name:${language}`, "data-place": showPlace(["rules", editor.index, "name", language]),
    input: (event) => editor.set(["name", language], (event.target as HTMLInputElement).value, words.didName, `name.${language}`),
    change: () => editor.store.settle(),
  }) as HTMLInputElement;
  const labels = { ja: words.nameJa, en: words.nameEn };
  return h("div", { class: "rule-names" },
    h("button", { type: "button", class: "button small quiet", id: "to-list", "data-focus": "to-list", click: () => editor.show(null) }, icon("left"), words.title),
    h("h1", { class: "unseen", tabindex: "-1" }, editor.teller.name(rule!)),
    h("div", { class: "rule-name-fields field", "data-place": showPlace(["rules", editor.index, "name"]) }, input(own, labels[own]), input(other, labels[other]), h("div", { "data-messages": "" })),
    rule!.enabled === false ? h("span", { class: "badge calm" }, icon("pause"), words.off) : null,
    h("span", { class: "badge calm" }, fill(words.priorityOf, { number: editor.index + 1, count: editor.rules.length })));
}

function buildStanding(editor: Editor, saver: Saver<RulesetDocument, Rule>): HTMLElement {
  const { words, language } = editor;
  const { draft, standing } = saver;
  const at = draft.saved_at === null ? "" : new Date(draft.saved_at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  const told: Record<typeof standing, [string, string, string]> = {
    saved: ["good", "check-circle", at === "" ? words.nothingSaved : fill(words.saved, { at })],
    waiting: ["calm", "clock", words.saving],
    saving: ["calm", "clock", words.saving],
    unreachable: ["warn", "offline", words.unreachable],
    signed_out: ["bad", "key", words.signedOut],
    undecided: ["bad", "people", words.undecided],
    refused: ["bad", "warning", saver.reason || words.refused],
  };
  const [tone, name, text] = told[standing];
  return h("p", { class: "row", id: "rule-standing", "data-standing": standing },
    h("span", { class: `badge ${tone}`, role: "status" }, icon(name), text),
    standing === "signed_out" ? h("a", { class: "button small", href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, words.signIn) : null,
    h("span", { class: "badge calm" }, icon("rules"), draft.live_number === null ? words.neverPublished : fill(words.live, { number: draft.live_number })),
    draft.is_changed ? h("span", { class: "badge warn" }, icon("pencil"), words.unpublished) : null);
}
