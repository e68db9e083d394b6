/// Small windows that ask for one thing: a number, a word, a day, categories.

import { h } from "../bench/dom.ts";
import { readNumber } from "./comparison_panel.ts";
import type { Editor } from "./editor.ts";
import { Listbox } from "./listbox.ts";
import { type Close, openPanel } from "../editing/panel.ts";
import { search } from "./searching.ts";
import { fill } from "./words.ts";

function buildButtons(editor: Editor, close: Close): HTMLElement {
  return h("div", { class: "actions" },
    h("button", { type: "button", class: "button primary", click: () => close() }, editor.words.done),
    h("button", { type: "button", class: "button", click: () => close(false) }, editor.words.back));
}

export function onEnter(close: Close): (event: Event) => void {
  return (event) => {
    const { key, isComposing } = event as KeyboardEvent;
    if (key !== "Enter" || isComposing) return;
    event.preventDefault();
    close();
  };
}

export function askNumber(editor: Editor, anchor: Element, title: string, value: number, low: number, high: number, onKeep: (value: unknown) => void): void {
  openPanel(anchor, title, (close) => {
    const input = h("input", { type: "text", inputmode: "numeric", value: String(value), "aria-label": title, class: "rule-number", autocomplete: "off", keydown: onEnter(close) }) as HTMLInputElement;
    input.addEventListener("focus", () => input.select());
    return { body: [h("div", { class: "rule-with-unit" }, input, h("small", { class: "hint" }, `${low}〜${high}`)), buildButtons(editor, close)], focus: input, keep: () => onKeep(readNumber(input.value)) };
  }, editor.draw);
}

export function askText(editor: Editor, anchor: Element, title: string, value: string, onKeep: (value: string | undefined) => void, hint = ""): void {
  openPanel(anchor, title, (close) => {
    const input = h("input", { type: "text", value, "aria-label": title, maxlength: "60", autocomplete: "off", keydown: onEnter(close) }) as HTMLInputElement;
    return { body: [input, hint === "" ? null : h("p", { class: "hint" }, hint), buildButtons(editor, close)], focus: input, keep: () => onKeep(input.value.trim() || undefined) };
  }, editor.draw);
}

/** One of a few: each is a button with a sentence. */
export function askOne<T extends string>(editor: Editor, anchor: Element, title: string, options: readonly { value: T; label: string; note?: string }[], chosen: T, onKeep: (value: T) => void): void {
  let value: T | null = null;
  openPanel(anchor, title, (close) => {
    const buttons = options.map((option) => h("button", {
      type: "button", class: "rule-menu-entry", "aria-pressed": String(option.value === chosen), "data-value": option.value,
      click: () => {
        value = option.value;
        close();
      },
    }, h("span", {}, option.label, option.note === undefined ? null : h("small", {}, option.note))));
    const at = options.findIndex((option) => option.value === chosen);
    return { body: [h("div", { class: "rule-menu" }, ...buttons)], focus: buttons[Math.max(0, at)]!, keep: () => value !== null && onKeep(value) };
  }, editor.draw);
}

/** Any of a few. */
export function askSome(editor: Editor, anchor: Element, title: string, hint: string, options: readonly { key: string; label: string }[], chosen: readonly string[], onKeep: (values: string[]) => void): void {
  openPanel(anchor, title, (close) => {
    const boxes = options.map(({ key, label }) => {
      const box = h("input", { type: "checkbox", value: key, checked: chosen.includes(key) }) as HTMLInputElement;
      return { box, label: h("label", { class: "check" }, box, h("span", {}, label)) };
    });
    const read = (): string[] => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    return { body: [h("p", { class: "hint" }, hint), ...boxes.map(({ label }) => label), buildButtons(editor, close)], focus: boxes[0]!.box, keep: () => onKeep(read()) };
  }, editor.draw);
}

export function askDays(editor: Editor, anchor: Element, title: string, value: { from?: string; until?: string }, onKeep: (from: string, until: string) => void): void {
  const { words } = editor;
  openPanel(anchor, title, (close) => {
    const [from, until] = (["from", "until"] as const).map((part) => h("input", { type: "date", value: value[part] ?? "", keydown: onEnter(close) }) as HTMLInputElement) as [HTMLInputElement, HTMLInputElement];
    const field = (label: string, input: HTMLElement): HTMLElement => h("label", { class: "field" }, h("span", { class: "label" }, label), input);
    return { body: [h("p", { class: "hint" }, words.validHint), h("div", { class: "form-grid" }, field(words.validFirst, from), field(words.validLast, until)), buildButtons(editor, close)], focus: from, keep: () => onKeep(from.value, until.value) };
  }, editor.draw);
}

export function chooseCategories(editor: Editor, anchor: Element, chosen: readonly string[], onKeep: (values: string[]) => void): void {
  const { words } = editor;
  openPanel(anchor, words.categories, (close) => {
    let values = [...chosen];
    const box: Listbox = new Listbox({
      label: words.categories, hint: words.searchValue, nothing: words.nothingFound, items: [], chosen, isMultiple: true,
      load: async (query) => search((await editor.server.listValues("categories")).map(({ value, label }) => ({ value, label })), query),
      typed: (text) => ({ value: text, label: fill(words.useTyped, { text }) }),
      onChoose: (value) => {
        values = values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
        box.choose(values);
      },
      onDone: () => close(),
    });
    return { body: [box.element, buildButtons(editor, close)], focus: box.input, keep: () => onKeep(values) };
  }, editor.draw);
}
