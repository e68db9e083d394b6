/// The columns of a table: which fields, how wide, how set.

import { h, icon } from "../bench/dom.ts";
import { insertAt, moveTo, removeAt } from "../editing/paths.ts";
import { fill } from "../editing/words.ts";
import { changeWidth } from "./canvas.ts";
import { buildChoice, buildNumber, buildWord } from "./controls.ts";
import type { Designer } from "./designer.ts";
import { type Place, type TemplateElement, round } from "./document.ts";

interface Column {
  readonly field: string;
  readonly width: number;
  readonly label?: string;
  readonly align?: string;
  readonly style?: string;
  readonly [key: string]: unknown;
}

export function buildColumns(designer: Designer, place: Place, element: TemplateElement): HTMLElement {
  const { words } = designer;
  const columns = (element.columns ?? []) as readonly Column[];
  const keep = (changed: readonly Column[], merge: string | null = null): void => {
    // The columns always fill the table: what one gains the others give.
    const fitted = changeWidth({ ...element, columns: changed }, element.width ?? 100);
    designer.set(place, fitted, words.columns, merge);
    if (merge === null) designer.store.settle();
  };
  return h("fieldset", { class: "designer-columns" }, h("legend", {}, words.columns),
    ...columns.map((column, at) => buildColumn(designer, element, columns, column, at, keep)),
    h("button", { type: "button", class: "button small", "data-focus": "add-column", click: () => keep([...columns, { field: listFields(designer, element)[0]?.value ?? "name", width: 20, label: "" }]) }, icon("plus"), words.addColumn));
}

const listFields = (designer: Designer, element: TemplateElement): { value: string; label: string }[] => {
  const slot = designer.slot(String(element["slot"] ?? ""));
  const own = designer.template.slots?.[String(element["slot"])]?.["fields"] as Record<string, string> | undefined;
  if (own !== undefined) return Object.keys(own).map((value) => ({ value, label: value }));
  return slot?.fields.map(({ key, label }) => ({ value: key, label: label === key ? key : `${label} (${key})` })) ?? [];
};

function buildColumn(designer: Designer, element: TemplateElement, columns: readonly Column[], column: Column, at: number, keep: (columns: readonly Column[], merge?: string | null) => void): HTMLElement {
  const { words } = designer;
  const set = (changes: Partial<Column>, isTyping: boolean): void => keep(columns.map((each, number) => (number === at ? ({ ...each, ...changes } as Column) : each)), isTyping ? `column.${at}.${Object.keys(changes)[0]}` : null);
  const widen = (value: unknown): void => {
    const by = Number(value) - column.width;
    const other = at + 1 < columns.length ? at + 1 : at - 1;
    if (other < 0 || columns[other]!.width - by < 1) return;
    keep(columns.map((each, number) => (number === at ? { ...each, width: round(each.width + by) } : number === other ? { ...each, width: round(each.width - by) } : each)), `column.${at}.width`);
  };
  const name = column.label === "" || column.label === undefined ? column.field : column.label;
  return h("details", { class: "designer-column", "data-column": String(at) }, h("summary", {}, name, h("small", { class: "muted" }, ` ${round(column.width)} mm`)),
    h("div", { class: "stack tight" },
      buildChoice(words.field, `column:${at}:field`, column.field, listFields(designer, element), (value) => set({ field: String(value) }, false)),
      buildWord(words.columnLabel, `column:${at}:label`, column.label ?? "", false, (value, isTyping) => set({ label: String(value) }, isTyping)),
      buildNumber(words.width, `column:${at}:width`, column.width, false, { min: 1, max: 400, unit: "mm" }, widen),
      buildChoice(words.align, `column:${at}:align`, column.align ?? "left", (["left", "center", "right"] as const).map((value) => ({ value, label: words.sides[value] })), (value) => set({ align: String(value) }, false)),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", "data-focus": `column:${at}:up`, disabled: at === 0, "aria-label": fill(words.earlier, { name }), click: () => keep(moveTo(columns, at, at - 1)) }, icon("up")),
        h("button", { type: "button", class: "button small", "data-focus": `column:${at}:down`, disabled: at === columns.length - 1, "aria-label": fill(words.further, { name }), click: () => keep(moveTo(columns, at, at + 1)) }, icon("down")),
        h("button", { type: "button", class: "button small", "data-focus": `column:${at}:copy`, "aria-label": fill(words.copyOf, { name }), click: () => keep(insertAt(columns, at + 1, column)) }, icon("plus")),
        h("button", { type: "button", class: "button small danger", "data-focus": `column:${at}:remove`, disabled: columns.length === 1, "aria-label": fill(words.removeOf, { name }), click: () => keep(removeAt(columns, at)) }, icon("trash")))));
}
