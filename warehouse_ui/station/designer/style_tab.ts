/// The styles of a template: one place for how texts look.

import { h, icon } from "../bench/dom.ts";
import { setAt } from "../editing/paths.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import { listElements } from "./document.ts";
import { buildControl, openStyle } from "./properties.ts";

export function buildStyles(designer: Designer): HTMLElement {
  const { words, template } = designer;
  const names = Object.keys(template.styles);
  const open = designer.style !== null && designer.style in template.styles ? designer.style : null;
  return h("div", { class: "stack designer-properties" },
    h("h2", { tabindex: "-1" }, words.styles),
    h("ul", { class: "designer-style-list" }, ...names.map((name) => h("li", {}, h("button", {
      type: "button", class: "designer-style", "data-focus": `style:${name}`, "aria-pressed": String(name === open), click: () => openStyle(designer, name),
    }, buildSample(designer, name), h("small", { class: "muted" }, tellStyle(designer, name)))))),
    h("div", { class: "actions" }, h("button", { type: "button", class: "button small", "data-focus": "add-style", id: "add-style", click: () => addStyle(designer, open) }, icon("plus"), words.addStyle)),
    open === null ? null : buildOpen(designer, open));
}

function buildSample(designer: Designer, name: string): HTMLElement {
  const style = designer.template.styles[name]!;
  const sample = h("span", { class: "designer-style-name" }, name);
  sample.style.setProperty("font-weight", style["bold"] === true ? "700" : "400");
  return sample;
}

function tellStyle(designer: Designer, name: string): string {
  const style = designer.template.styles[name]!;
  const font = designer.kit.fonts.find(({ key }) => key === (style["font"] ?? "gothic"))?.label ?? "";
  return `${font} ${String(style["size"] ?? "")}pt`;
}

function buildOpen(designer: Designer, name: string): HTMLElement {
  const { words, template, kit } = designer;
  const style = template.styles[name]!;
  const users = countUsers(designer, name);
  return h("fieldset", { class: "stack tight", "data-style": name }, h("legend", {}, fill(words.styleOf, { name })),
    h("p", { class: "hint" }, fill(words.styleUsed, { count: users })),
    ...kit.style_fields.map((field) => buildControl(designer, field, style[field.key], (value, isTyping) => {
      designer.change(setAt(template, ["styles", name, field.key], value), fill(words.didStyle, { name }), isTyping ? `style.${name}.${field.key}` : null);
      if (!isTyping) designer.store.settle();
    })),
    h("button", { type: "button", class: "button small danger", "data-focus": "remove-style", disabled: users > 0, click: () => removeStyle(designer, name) }, icon("trash"), words.removeStyle));
}

function countUsers(designer: Designer, name: string): number {
  const uses = (value: unknown): boolean => typeof value === "object" && value !== null && Object.entries(value).some(([key, inner]) => (key.endsWith("style") && inner === name) || (key === "columns" && Array.isArray(inner) && inner.some(uses)));
  return listElements(designer.template).filter(({ element }) => uses(element)).length;
}

function addStyle(designer: Designer, from: string | null): void {
  const { template, words } = designer;
  const base = from === null ? Object.values(template.styles)[0] : template.styles[from];
  let number = 2;
  const stem = (from ?? "text").replace(/_\d+$/, "");
  while (`${stem}_${number}` in template.styles) number++;
  const name = `${stem}_${number}`;
  designer.style = name;
  designer.change(setAt(template, ["styles", name], { ...base }), fill(words.didAdd, { name }));
}

function removeStyle(designer: Designer, name: string): void {
  designer.style = null;
  designer.change(setAt(designer.template, ["styles", name], undefined), fill(designer.words.didRemove, { name }));
}
