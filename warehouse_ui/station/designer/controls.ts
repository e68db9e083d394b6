/// Inputs of the panel: a label, a value, and what to do when it changes.

import { h, icon } from "../bench/dom.ts";
import { openPanel } from "../editing/panel.ts";
import { Listbox } from "../rules/listbox.ts";
import type { Designer } from "./designer.ts";
import { round } from "./document.ts";
import type { Choice } from "./server.ts";

export type OnChange = (value: unknown, isTyping: boolean) => void;

let counted = 0;
const makeId = (): string => `designer-input-${++counted}`;

export function buildField(label: string, input: HTMLElement, ...more: (HTMLElement | null)[]): HTMLElement {
  const id = input.id || makeId();
  input.id = id;
  return h("div", { class: "field designer-field" }, h("label", { for: id }, label), input, ...more);
}

export interface Bounds {
  readonly min?: number | null;
  readonly max?: number | null;
  readonly step?: number;
  readonly unit?: string;
}

/** A number that may be left empty where `isOptional`. What is out of bounds is not taken. */
export function buildNumber(label: string, focus: string, value: unknown, isOptional: boolean, bounds: Bounds, onChange: OnChange): HTMLElement {
  const input = h("input", {
    type: "number", inputmode: "decimal", step: "any", "data-focus": focus, autocomplete: "off", value: value === undefined || value === null ? "" : String(round(Number(value))),
    ...(bounds.min === undefined || bounds.min === null ? {} : { min: String(bounds.min) }), ...(bounds.max === undefined || bounds.max === null ? {} : { max: String(bounds.max) }),
  }) as HTMLInputElement;
  const take = (isTyping: boolean): void => {
    const text = input.value.trim();
    if (text === "" && isOptional) return onChange(undefined, isTyping);
    const number = Number(text);
    const isRight = text !== "" && Number.isFinite(number) && number >= (bounds.min ?? -Infinity) && number <= (bounds.max ?? Infinity);
    input.setAttribute("aria-invalid", String(!isRight));
    if (isRight) onChange(number, isTyping);
  };
  input.addEventListener("input", () => take(true));
  input.addEventListener("change", () => take(false));
  return buildField(bounds.unit === undefined ? label : `${label} (${bounds.unit})`, input);
}

export function buildChoice(label: string, focus: string, value: unknown, options: readonly Choice[], onChange: OnChange): HTMLElement {
  const select = h("select", { "data-focus": focus }) as HTMLSelectElement;
  for (const option of options) select.append(h("option", { value: String(option.value), selected: String(option.value) === String(value ?? "") }, option.label));
  select.addEventListener("change", () => onChange(options.find((option) => String(option.value) === select.value)?.value, false));
  return buildField(label, select);
}

export function buildCheck(label: string, focus: string, value: boolean, onChange: OnChange): HTMLElement {
  const box = h("input", { type: "checkbox", "data-focus": focus, checked: value, id: makeId() }) as HTMLInputElement;
  box.addEventListener("change", () => onChange(box.checked, false));
  return h("label", { class: "check designer-check" }, box, h("span", {}, label));
}

export function buildWord(label: string, focus: string, value: string, isNeeded: boolean, onChange: OnChange): HTMLElement {
  const input = h("input", { type: "text", "data-focus": focus, autocomplete: "off", value, maxlength: "200" }) as HTMLInputElement;
  input.addEventListener("input", () => (input.value.trim() !== "" || !isNeeded) && onChange(input.value, true));
  input.addEventListener("change", () => onChange(input.value.trim() === "" && isNeeded ? value : input.value, false));
  return buildField(label, input);
}

/** A colour, and none where that is allowed. */
export function buildColor(designer: Designer, label: string, focus: string, value: unknown, isOptional: boolean, onChange: OnChange): HTMLElement {
  const { words } = designer;
  const shown = typeof value === "string" ? value : "#1f1f1f";
  const input = h("input", { type: "color", "data-focus": focus, value: shown, id: makeId() }) as HTMLInputElement;
  input.addEventListener("input", () => onChange(input.value, true));
  input.addEventListener("change", () => onChange(input.value, false));
  const isNone = value === undefined || value === null;
  const none = isOptional ? h("button", { type: "button", class: "button small quiet", "data-focus": `${focus}:none`, "aria-pressed": String(isNone), click: () => onChange(isNone ? shown : undefined, false) }, isNone ? words.setColor : words.noColor) : null;
  return h("div", { class: "field designer-field" }, h("label", { for: input.id }, label), h("div", { class: "designer-color" }, isOptional && isNone ? (input.disabled = true, input) : input, isNone ? h("span", { class: "small" }, words.none) : h("code", { class: "small" }, shown), none));
}

/** A text with slots: typed, or put in from the list of what a template can show. */
export function buildText(designer: Designer, label: string, focus: string, value: string, hasLines: boolean, onChange: OnChange): HTMLElement {
  const { words } = designer;
  const area = h("textarea", { "data-focus": focus, rows: hasLines ? "5" : "2", maxlength: "4000", id: makeId() }) as HTMLTextAreaElement;
  area.value = value;
  const told = h("p", { class: "designer-told" });
  const tell = (): void => told.replaceChildren(...showChips(designer, area.value));
  area.addEventListener("input", () => {
    tell();
    const text = hasLines ? area.value : area.value.replace(/\n/g, "");
    if (text !== "") onChange(text, true);
  });
  area.addEventListener("change", () => onChange(area.value === "" ? value : hasLines ? area.value : area.value.replace(/\n/g, ""), false));
  tell();
  const insert = h("button", { type: "button", class: "button small", "data-focus": `${focus}:slot`, "data-insert-slot": "", "aria-haspopup": "dialog", click: (event) => chooseSlot(designer, event.currentTarget as Element, (slot) => put(area, slot), () => area.focus()) }, icon("plus"), words.insertSlot);
  return h("div", { class: "field designer-field" }, h("div", { class: "rule-text-head" }, h("label", { for: area.id }, label), insert), area, told);
}

function put(area: HTMLTextAreaElement, slot: string): void {
  area.setRangeText(`{${slot}}`, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
  area.dispatchEvent(new Event("change"));
}

/** The text as it will read: a chip for each slot. */
function showChips(designer: Designer, text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const found of text.matchAll(/\{([a-z][a-z0-9_]*)(?::[a-z]+)?(?:\?([^{}]*))?\}/g)) {
    const [whole, key = "", prefix = ""] = found;
    parts.push(text.slice(end, found.index));
    const sample = designer.slot(key)?.sample ?? "";
    parts.push(h("mark", { class: "designer-chip", title: sample === "" ? key : sample }, `${prefix}${designer.nameSlot(key)}`));
    end = found.index + whole.length;
  }
  return parts.length === 0 ? [] : [...parts, text.slice(end)];
}

const IN_TEXTS = new Set(["text", "paragraphs", "money", "date", "number"]);

export function chooseSlot(designer: Designer, anchor: Element, onChoose: (slot: string) => void, after: () => void, types: ReadonlySet<string> = IN_TEXTS): void {
  const { words } = designer;
  let chosen: string | null = null;
  openPanel(anchor, words.insertSlot, (close) => {
    const own = Object.keys(designer.template.slots ?? {});
    const known = designer.kit.slots.filter(({ type }) => types.has(type));
    const ordered = [...known.filter(({ key }) => own.includes(key)), ...known.filter(({ key }) => !own.includes(key))];
    const builtIn = types.has("text") ? Object.entries(words.builtIn).filter(([key]) => key.startsWith("copy")).map(([value, label]) => ({ value, label, words: value, note: "" })) : [];
    const box = new Listbox({
      label: words.insertSlot, hint: words.searchSlot, nothing: words.nothingFound,
      items: [...ordered.map(({ key, label, sample, is_written: isWritten }) => ({ value: key, label, words: key, note: isWritten ? words.writtenByRule : sample })), ...builtIn],
      onChoose: (value) => {
        chosen = value;
        close();
      },
    });
    return { body: [box.element], focus: box.input, keep: () => chosen !== null && onChoose(chosen) };
  }, after, true);
}
