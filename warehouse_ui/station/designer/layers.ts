/// The elements in order: chosen, shifted and put into groups by keyboard as well as by mouse.

import { h, icon } from "../bench/dom.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import { type Listed, type Place, getNumber, isInFlow, reorder } from "./document.ts";

const ICONS: Record<string, string> = {
  text: "pencil", text_box: "letter", vertical_box: "letter", page_number: "list", image: "leaf", picture: "leaf", line: "grip", box: "box", path: "leaf", qr: "scan", code128: "label", ean13: "label", table: "list", insert_list: "gift",
  product_cards: "heart", coupon: "ticket", group: "stack",
};

export function buildLayers(designer: Designer, onAdd: (anchor: Element, list: string) => void): HTMLElement {
  const { words } = designer;
  const all = designer.list();
  const [fixed, flow] = [all.filter(({ place }) => !isInFlow(place)), all.filter(({ place }) => isInFlow(place))];
  return h("div", { class: "designer-layers card" },
    buildPart(designer, words.fixed, words.fixedHint, fixed, "elements", onAdd),
    buildPart(designer, words.flow, words.flowHint, flow, "flow.elements", onAdd));
}

function buildPart(designer: Designer, title: string, hint: string, listed: readonly Listed[], list: string, onAdd: (anchor: Element, list: string) => void): HTMLElement {
  const id = `layers-${list.replace(".", "-")}`;
  return h("section", { "aria-labelledby": id },
    h("div", { class: "designer-part-head" }, h("h2", { id, title: hint }, title),
      h("button", { type: "button", class: "button small", "data-focus": `add:${list}`, id: `add-${list.replace(".", "-")}`, "aria-haspopup": "dialog", "aria-label": fill(designer.words.addTo, { name: title }), click: (event) => onAdd(event.currentTarget as Element, list) }, icon("plus"), designer.words.add)),
    listed.length === 0 ? h("p", { class: "hint" }, hint) : h("ul", { class: "designer-layer-list" }, ...listed.map((each) => buildRow(designer, each))));
}

function buildRow(designer: Designer, { place, element, depth }: Listed): HTMLElement {
  const { words } = designer;
  const isSelected = designer.selected.includes(place);
  const findings = designer.findingsOf(place);
  const isDrawn = designer.shown.marks === undefined || designer.shown.marks.some(([each]) => each === place);
  const name = designer.name(element);
  const conditions = [element.show_if_flag ? designer.nameFlag(element.show_if_flag) : "", element.show_if_slot ? designer.nameSlot(element.show_if_slot) : ""].filter((text) => text !== "");
  const row = h("li", {
    class: `designer-layer${isSelected ? " selected" : ""}${isDrawn ? "" : " absent"}`, "data-move": "layer", "data-path": JSON.stringify([place]), "data-drop": "[]", "data-number": String(getNumber(place)), "data-kind": place.replace(/\[\d+\]$/, ""), "data-depth": String(Math.min(depth, 4)),
  },
    h("button", {
      type: "button", class: "designer-layer-name", "data-focus": `layer:${place}`, "data-layer": place, "aria-pressed": String(isSelected), title: words.layerHint,
      click: (event) => choose(designer, place, event as MouseEvent),
    }, icon(ICONS[element.type] ?? "box"), h("span", { class: "designer-layer-text" }, name, conditions.length > 0 ? h("small", {}, fill(words.onlyIf, { name: conditions.join(words.comma) })) : null, isDrawn ? null : h("small", {}, words.notDrawn)),
      findings.length > 0 ? h("span", { class: "designer-layer-mark", title: findings[0]!.text }, icon("warning"), h("span", { class: "unseen" }, findings[0]!.text)) : null),
    h("button", { type: "button", class: "rule-handle", "data-handle": "layer", tabindex: "-1", "aria-hidden": "true" }, icon("grip")));
  return row;
}

function choose(designer: Designer, place: Place, event: MouseEvent): void {
  const { selected } = designer;
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return designer.select([place]);
  designer.select(selected.includes(place) ? selected.filter((each) => each !== place) : [...selected, place]);
}

/** Alt and an arrow, or a drop: the element takes another place in its list. */
export function moveLayer(designer: Designer, place: Place, to: number): string | null {
  const before = getNumber(place);
  const moved = reorder(designer.template, place, to);
  if (moved.place === place) {
    designer.say(designer.words.noFurther);
    return null;
  }
  const name = designer.name(designer.element(place)!);
  designer.selected = [moved.place];
  designer.change(moved.template, fill(designer.words.didReorder, { name }));
  designer.say(fill(designer.words.saidReorder, { name, number: getNumber(moved.place) + 1, before: before + 1 }));
  return moved.place;
}
