/// What can be said of the selected element: where it stands, what it shows, how, and when.

import { h, icon } from "../bench/dom.ts";
import { fill } from "../editing/words.ts";
import { changeWidth } from "./canvas.ts";
import { buildColumns } from "./columns.ts";
import { type OnChange, buildCheck, buildChoice, buildColor, buildNumber, buildText, buildWord } from "./controls.ts";
import type { Designer } from "./designer.ts";
import { type Place, type TemplateElement, getParent, isInFlow, unwrap, wrap } from "./document.ts";
import { type Side, align, distribute } from "./geometry.ts";
import type { Field } from "./server.ts";

const MEASURES = new Set(["width", "height", "size"]);
const WHEN = new Set(["on", "keep_with_next", "keep_with_previous"]);
const SIDES: readonly Side[] = ["left", "center", "right", "top", "middle", "bottom"];

export function buildProperties(designer: Designer): HTMLElement {
  const { chosen, selected, words } = designer;
  if (selected.length > 1) return buildMany(designer);
  if (chosen === undefined) return h("div", { class: "stack" }, h("p", { class: "hint" }, words.nothingSelected), h("p", { class: "hint" }, words.keysHint));
  return buildOne(designer, selected[0]!, chosen);
}

function buildOne(designer: Designer, place: Place, element: TemplateElement): HTMLElement {
  const { words } = designer;
  const type = designer.type(element);
  const fields = type?.fields ?? [];
  const keep = (field: { key: string; label: string }): OnChange => (value, isTyping) => {
    const changes = field.key === "width" ? changeWidth(element, Number(value)) : { [field.key]: value };
    designer.set(place, value === undefined && field.key === "width" ? {} : changes, fill(words.didChange, { name: field.label }), isTyping ? `${place}.${field.key}` : null);
    if (!isTyping) designer.store.settle();
  };
  const own = fields.filter(({ key }) => !MEASURES.has(key) && !WHEN.has(key));
  return h("div", { class: "stack designer-properties", "data-properties": place },
    h("div", { class: "designer-part-head" }, h("h2", { tabindex: "-1" }, type?.label ?? element.type), buildActs(designer, place, element)),
    ...designer.findingsOf(place).map((finding) => h("p", { class: `notice ${finding.severity === "warning" ? "warn" : "bad"} designer-finding` }, icon("warning"), h("span", {}, finding.text))),
    h("fieldset", { class: "designer-measures" }, h("legend", {}, words.placeAndSize),
      buildNumber(designer.isStacked(place) ? words.indent : words.fromLeft, "x", element.x ?? 0, false, { min: 0, max: 2000, unit: "mm" }, keep({ key: "x", label: words.fromLeft })),
      buildNumber(designer.isStacked(place) ? words.gapAbove : words.fromTop, "y", element.y ?? 0, false, { min: 0, max: 2000, unit: "mm" }, keep({ key: "y", label: words.fromTop })),
      ...fields.filter(({ key }) => MEASURES.has(key)).map((field) => buildControl(designer, field, element[field.key], keep(field)))),
    ...own.map((field) => buildControl(designer, field, element[field.key], keep(field))),
    type?.has_columns === true ? buildColumns(designer, place, element) : null,
    buildWhen(designer, place, element, fields.filter(({ key }) => WHEN.has(key)), keep));
}

export function buildControl(designer: Designer, field: Field, value: unknown, onChange: OnChange): HTMLElement {
  const { words, kit } = designer;
  const { key, label, control, optional } = field;
  const none = optional && (field.default === null || field.default === undefined) ? [{ value: "", label: words.none }] : [];
  const orNone: OnChange = (chosen, isTyping) => onChange(chosen === "" ? undefined : chosen, isTyping);
  const shown = value ?? field.default;
  if (control === "text") return buildText(designer, label, key, String(shown ?? ""), designer.chosen?.type !== "text", onChange);
  if (control === "style") return buildStyle(designer, label, key, shown, none, orNone);
  if (control === "slot") return buildChoice(label, key, shown, listSlots(designer, String(shown ?? "")), onChange);
  if (control === "picture") return buildChoice(label, key, shown, designer.pictures.map(({ key: value, name }) => ({ value, label: name })), onChange);
  if (control === "font") return buildChoice(label, key, shown, kit.fonts.map(({ key: value, label: name }) => ({ value, label: name })), onChange);
  if (control === "color") return buildColor(designer, label, key, shown, optional && none.length > 0, onChange);
  if (control === "choice") return buildChoice(label, key, shown, [...none, ...(field.choices ?? []).filter((choice) => choice.value !== "continue" || shown === "continue" || mayContinue(designer))], orNone);
  if (control === "check") return buildCheck(label, key, shown === true, onChange);
  if (control === "dash") return buildCheck(label, key, Array.isArray(shown), (on) => onChange(on === true ? [1, 1] : undefined, false));
  if (control === "measure") return buildNumber(label, key, shown, none.length > 0, { min: key === "width" || key === "height" ? 0 : field.min, max: field.max, unit: "mm" }, onChange);
  if (control === "number") return buildNumber(label, key, shown, none.length > 0, { min: field.min, max: field.max }, onChange);
  return buildWord(label, key, String(shown ?? ""), !optional, onChange);
}

/** Only a box of the flow itself, as tall as its text, can go on overleaf: elsewhere that is not offered. */
function mayContinue(designer: Designer): boolean {
  const [place] = designer.selected;
  return place !== undefined && isInFlow(place) && getParent(place) === null && designer.chosen?.["height"] === undefined;
}

function buildStyle(designer: Designer, label: string, key: string, value: unknown, none: readonly { value: string; label: string }[], onChange: OnChange): HTMLElement {
  const { words } = designer;
  const options = Object.keys(designer.template.styles).map((name) => ({ value: name, label: name }));
  const field = buildChoice(label, key, value, [...none, ...options], onChange);
  const edit = h("button", { type: "button", class: "button small quiet", "data-focus": `${key}:edit`, "aria-label": fill(words.editStyle, { name: String(value ?? "") }), click: () => openStyle(designer, String(value)) }, icon("pencil"));
  if (typeof value === "string" && value !== "") field.append(edit);
  field.classList.add("with-button");
  return field;
}

export function openStyle(designer: Designer, name: string): void {
  designer.style = name;
  designer.tab = "styles";
  designer.draw();
}

function listSlots(designer: Designer, chosen: string): { value: string; label: string }[] {
  const element = designer.chosen;
  const wanted = element?.type === "image" ? "image" : "rows";
  const own = Object.entries(designer.template.slots ?? {}).filter(([, spec]) => spec["type"] === wanted).map(([key]) => key);
  const keys = new Set([...designer.kit.slots.filter(({ type }) => type === wanted).map(({ key }) => key), ...own, ...(chosen === "" ? [] : [chosen])]);
  return [...keys].map((value) => ({ value, label: designer.nameSlot(value) }));
}

/** When the element is printed: with its slot, with a flag that rules set, on which pages. */
function buildWhen(designer: Designer, place: Place, element: TemplateElement, fields: readonly Field[], keep: (field: { key: string; label: string }) => OnChange): HTMLElement {
  const { words, kit, template } = designer;
  const slots = new Set([...Object.keys(template.slots ?? {}), ...(element.show_if_slot ? [element.show_if_slot] : [])]);
  const flags = new Set([...Object.keys(template.flags ?? {}), ...kit.flags.map(({ key }) => key)]);
  const rules = kit.flags.find(({ key }) => key === element.show_if_flag)?.rules ?? [];
  const orNone = (field: { key: string; label: string }): OnChange => (value, isTyping) => keep(field)(value === "" ? undefined : value, isTyping);
  const told = element.show_if_flag === undefined ? null : h("p", { class: rules.length > 0 ? "hint" : "notice warn designer-finding" }, rules.length > 0 ? fill(words.flagSetBy, { names: rules.join(words.comma) }) : words.flagSetByNone);
  const pages = fields.filter(({ key }) => (key === "on" ? !isInFlow(place) && getParent(place) === null : isInFlow(place) && getParent(place) === null));
  return h("fieldset", { class: "designer-when" }, h("legend", {}, words.when),
    buildChoice(words.showIfFlag, "show_if_flag", element.show_if_flag ?? "", [{ value: "", label: words.always }, ...[...flags].map((value) => ({ value, label: designer.nameFlag(value) }))], orNone({ key: "show_if_flag", label: words.showIfFlag })),
    told,
    buildChoice(words.showIfSlot, "show_if_slot", element.show_if_slot ?? "", [{ value: "", label: words.always }, ...[...slots].map((value) => ({ value, label: designer.nameSlot(value) }))], orNone({ key: "show_if_slot", label: words.showIfSlot })),
    ...pages.map((field) => buildControl(designer, field, element[field.key], keep(field))));
}

function buildActs(designer: Designer, place: Place, element: TemplateElement): HTMLElement {
  const { words } = designer;
  const open = element.type === "group" && unwrap(designer.template, place) !== null;
  return h("div", { class: "row" },
    open ? h("button", { type: "button", class: "button small", "data-focus": "unwrap", click: () => ungroup(designer, place) }, words.ungroup) : null,
    h("button", { type: "button", class: "rule-tool", "data-focus": "duplicate", id: "duplicate-element", "aria-label": words.duplicate, title: `${words.duplicate} (Ctrl+D)`, click: () => designer.duplicate(place) }, icon("plus")),
    h("button", { type: "button", class: "rule-tool", "data-focus": "remove", id: "remove-element", "aria-label": words.remove, title: `${words.remove} (Delete)`, click: () => designer.remove([place]) }, icon("trash")));
}

function ungroup(designer: Designer, place: Place): void {
  const opened = unwrap(designer.template, place);
  if (opened === null) return;
  designer.change(opened.template, designer.words.ungroup);
  designer.select(opened.places);
}

function buildMany(designer: Designer): HTMLElement {
  const { words, selected } = designer;
  const rects = selected.map((place) => designer.marks.get(place));
  const canAlign = rects.every((rect) => rect !== undefined) && selected.every((place) => !designer.isStacked(place));
  const boxes = rects.flatMap((rect) => rect ?? []);
  const move = (moves: { dx: number; dy: number }[], label: string): void => designer.moveBy(selected.map((place, at) => ({ place, ...moves[at]! })), label);
  const button = (text: string, key: string, act: () => void, isOff = false): HTMLElement => h("button", { type: "button", class: "button small", "data-focus": `many:${key}`, "data-align": key, disabled: isOff, click: act }, text);
  return h("div", { class: "stack designer-properties" },
    h("h2", { tabindex: "-1" }, fill(words.manySelected, { count: selected.length })),
    canAlign ? null : h("p", { class: "hint" }, words.cannotAlign),
    h("fieldset", { class: "designer-aligns" }, h("legend", {}, words.align), ...SIDES.map((side) => button(words.sides[side], side, () => move(align(boxes, side), words.sides[side]), !canAlign))),
    h("fieldset", { class: "designer-aligns" }, h("legend", {}, words.distribute),
      button(words.distributeX, "distribute-x", () => move(distribute(boxes, "x"), words.distribute), !canAlign || boxes.length < 3),
      button(words.distributeY, "distribute-y", () => move(distribute(boxes, "y"), words.distribute), !canAlign || boxes.length < 3)),
    h("div", { class: "actions" },
      button(words.group, "group", () => group(designer), !canAlign),
      h("button", { type: "button", class: "button small danger", "data-focus": "remove", click: () => designer.remove(selected) }, icon("trash"), words.remove)));
}

function group(designer: Designer): void {
  const wrapped = wrap(designer.template, designer.selected, designer.marks);
  if (wrapped === null) return designer.say(designer.words.cannotGroup);
  designer.change(wrapped.template, designer.words.group);
  designer.select([wrapped.place]);
}

