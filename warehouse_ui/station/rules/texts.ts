/// Texts of a letter, message or hold: both languages side by side, places to fill in, and how it will read.

import { h, icon } from "../bench/dom.ts";
import { type Path, type Texts, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { Listbox } from "./listbox.ts";
import { openPanel } from "../editing/panel.ts";
import { fill } from "./words.ts";

const LANGUAGES = ["ja", "en"] as const;
const SAMPLE = /\{\{|\}\}|\{([^{}]*)\}/g;

/** `path` leads to {ja, en} inside the rule. What is typed is kept at once, and nothing is drawn anew meanwhile. */
export function buildTexts(editor: Editor, path: Path, label: string, isNeeded: boolean, hasPlaceholders = true): HTMLElement {
  const name = path.join("-");
  return h("fieldset", { class: "rule-texts-both" },
    h("legend", {}, label, isNeeded ? h("span", { class: "badge info" }, editor.words.needed) : null),
    ...LANGUAGES.map((language) => buildText(editor, path, language, `${name}-${language}`, hasPlaceholders)));
}

function buildText(editor: Editor, path: Path, language: "ja" | "en", id: string, hasPlaceholders: boolean): HTMLElement {
  const { words } = editor;
  const at = [...path, language];
  const preview = h("p", { class: "rule-preview", id: `${id}-preview` });
  const area = h("textarea", {
    id, lang: language, rows: "3", maxlength: "2000", "data-focus": `text:${id}`, "data-place": showPlace(["rules", editor.index, ...at]),
    input: () => {
      keep(editor, path, language, area.value);
      showPreview(editor, preview, area.value);
    },
    change: () => editor.store.settle(),
  }) as HTMLTextAreaElement;
  area.value = String(editor.get(at) ?? "");
  showPreview(editor, preview, area.value);
  const name = language === "ja" ? words.japanese : words.english;
  return h("div", { class: "field" },
    h("div", { class: "rule-text-head" },
      h("label", { for: id }, name),
      hasPlaceholders ? h("button", { type: "button", class: "button small quiet", "aria-label": fill(words.placeholderFor, { name }), click: (event) => insertPlaceholder(editor, event.currentTarget as Element, area) }, icon("plus"), words.placeholder) : null),
    area, hasPlaceholders ? preview : null, h("div", { "data-messages": "" }));
}

function keep(editor: Editor, path: Path, language: "ja" | "en", text: string): void {
  const before = (editor.get(path) ?? {}) as Partial<Texts>;
  const after: Texts = { ja: before.ja ?? "", en: before.en ?? "", [language]: text };
  // A slot without any text is no slot: the letter then says what it always says.
  const isEmpty = path.includes("slots") && after.ja.trim() === "" && after.en.trim() === "";
  editor.set(path, isEmpty ? undefined : after, editor.words.didText, path.join(".") + language);
}

function showPreview(editor: Editor, preview: HTMLElement, text: string): void {
  preview.replaceChildren(...(text.trim() === "" ? [] : [h("span", { class: "unseen" }, editor.words.preview), ...fillSample(editor, text)]));
}

/** The text with examples in place of its placeholders; one that nothing fills is marked. */
function fillSample(editor: Editor, text: string): (Node | string)[] {
  const samples = new Map(editor.knowledge.catalogue.placeholders.map((each) => [each.key, each.example]));
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const found of text.matchAll(SAMPLE)) {
    parts.push(text.slice(end, found.index));
    const [whole, key] = found;
    const sample = key === undefined ? whole[0]! : samples.get(key);
    parts.push(key === undefined ? whole[0]! : sample === undefined ? h("mark", { class: "bad" }, whole) : h("mark", {}, sample));
    end = found.index + whole.length;
  }
  return [...parts, text.slice(end)];
}

function insertPlaceholder(editor: Editor, anchor: Element, area: HTMLTextAreaElement): void {
  const { words } = editor;
  let chosen: string | null = null;
  openPanel(anchor, words.placeholder, (close) => {
    const box = new Listbox({
      label: words.placeholder, hint: words.searchPlaceholder, nothing: words.nothingFound,
      items: editor.knowledge.catalogue.placeholders.map(({ key, label, example }) => ({ value: key, label, words: `${key} ${editor.knowledge.fact(key)?.words ?? ""}`, note: fill(words.example, { example }) })),
      onChoose: (value) => {
        chosen = value;
        close();
      },
    });
    return {
      body: [box.element], focus: box.input,
      keep: () => {
        if (chosen !== null) area.setRangeText(`{${chosen}}`, area.selectionStart, area.selectionEnd, "end");
        area.dispatchEvent(new Event("input"));
      },
    };
  }, () => area.focus(), true);
}
