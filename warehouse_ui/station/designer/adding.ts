/// New elements: what can be added, and what each begins as.

import { h, icon } from "../bench/dom.ts";
import { openPanel } from "../editing/panel.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import { type TemplateElement, addElement, round } from "./document.ts";
import type { ElementType, PictureInfo } from "./server.ts";

/** What is rare, or only made of others. */
const NOT_OFFERED = new Set(["path", "group", "picture"]);

export function openAdding(designer: Designer, anchor: Element, list: string): void {
  const { words, kit } = designer;
  const isFlow = list.startsWith("flow");
  let chosen: (() => TemplateElement) | null = null;
  const offered = kit.types.filter(({ key }) => !NOT_OFFERED.has(key) && !(isFlow && key === "page_number"));
  openPanel(anchor, words.addTitle, (close) => {
    const button = (text: string, make: () => TemplateElement, key: string): HTMLElement => h("button", {
      type: "button", class: "rule-menu-entry", "data-add": key,
      click: () => {
        chosen = make;
        close();
      },
    }, icon("plus"), h("span", {}, text));
    const passage = isFlow ? [button(words.passage, () => makePassage(designer), "passage")] : [];
    const pictures = designer.pictures.map((picture) => button(fill(picture.source === "letterhead" ? words.letterheadOf : words.pictureOf, { name: picture.name }), () => makePicture(designer, picture, isFlow), `picture:${picture.key}`));
    const upload = buildUpload(designer, (picture) => {
      chosen = () => makePicture(designer, picture, isFlow);
      close();
    });
    const buttons = [...passage, ...offered.map((type) => button(type.label, () => makeElement(designer, type, isFlow), type.key)), ...pictures];
    return { body: [h("div", { class: "rule-menu designer-add" }, ...buttons), upload], focus: buttons[0]!, keep: () => chosen !== null && add(designer, list, chosen()) };
  }, () => designer.draw());
}

function add(designer: Designer, list: string, element: TemplateElement): void {
  const { template } = designer;
  const { margins } = template.page;
  const withFlow = list === "flow.elements" && !template.flow ? { ...template, flow: { first: { top: margins.top, bottom: designer.paper.height - margins.bottom }, later: { top: margins.top, bottom: designer.paper.height - margins.bottom }, elements: [] } } : template;
  // A letterhead lies beneath everything else.
  const isBeneath = list === "elements" && element.type === "picture" && element["on"] === "every";
  const added = addElement(withFlow, list, element, isBeneath ? 0 : undefined);
  designer.change(added.template, fill(designer.words.didAdd, { name: designer.name(element) }));
  designer.select([added.place]);
  designer.say(fill(designer.words.didAdd, { name: designer.name(element) }));
}

/** A passage of a letter that is printed only when a rule sets its flag. */
function makePassage(designer: Designer): TemplateElement {
  const flag = designer.kit.flags[0]?.key ?? Object.keys(designer.template.flags ?? {})[0];
  return { ...makeText(designer, "text_box"), overflow: "continue", text: designer.words.newPassage, ...(flag === undefined ? {} : { show_if_flag: flag }) };
}

function textStyle(designer: Designer): string {
  const names = Object.keys(designer.template.styles);
  return names.find((name) => name === "body") ?? names[0] ?? "body";
}

function makeText(designer: Designer, type: string): TemplateElement {
  const { margins } = designer.template.page;
  const width = round(designer.paper.width - margins.left - margins.right);
  return { type, x: margins.left, y: 0, width, text: designer.words.newText, style: textStyle(designer) };
}

export function makeElement(designer: Designer, type: ElementType, isFlow: boolean): TemplateElement {
  const { margins } = designer.template.page;
  const inner = round(designer.paper.width - margins.left - margins.right);
  const place = { x: margins.left, y: isFlow ? 2 : round(Math.min(designer.paper.height / 3, designer.paper.height - 30)) };
  const keys = new Set(type.fields.map(({ key }) => key));
  const sized: Record<string, unknown> = {};
  if (keys.has("width")) sized["width"] = Math.min(inner, WIDTHS[type.key] ?? 60);
  if (keys.has("height") && !type.fields.find(({ key }) => key === "height")!.optional) sized["height"] = HEIGHTS[type.key] ?? 20;
  if (keys.has("size")) sized["size"] = 20;
  for (const field of type.fields) if (field.control === "style" && !field.optional) sized[field.key] = textStyle(designer);
  return { type: type.key, ...place, ...sized, ...fillNeeds(designer, type.key, inner) } as TemplateElement;
}

const WIDTHS: Record<string, number> = { text_box: 100, table: 400, insert_list: 100, product_cards: 400, coupon: 80, code128: 50, ean13: 40, page_number: 30, vertical_box: 40 };
const HEIGHTS: Record<string, number> = { code128: 12, ean13: 20, vertical_box: 80, box: 20 };

/** What an element cannot be without. */
function fillNeeds(designer: Designer, type: string, inner: number): Record<string, unknown> {
  const { words } = designer;
  if (type === "text" || type === "text_box" || type === "vertical_box") return { text: words.newText };
  if (type === "image") return { slot: "shop_logo" };
  if (type === "ean13") return { text: "4900000000016" };
  if (type === "line") return { width: Math.min(inner, 60), height: 0 };
  if (type === "box") return { stroke: "#7c8794" };
  if (type === "table") return makeTable(designer, inner);
  return {};
}

function makePicture(designer: Designer, picture: PictureInfo, isFlow: boolean): TemplateElement {
  const { margins } = designer.template.page;
  const inner = designer.paper.width - margins.left - margins.right;
  const fitted = fitPicture(picture, inner);
  const isLetterhead = picture.source === "letterhead" && !isFlow;
  return { type: "picture", x: margins.left, y: isFlow ? 2 : margins.top, ...fitted, picture: picture.key, ...(isLetterhead ? { on: "every" } : {}) };
}

/** Takes a file from this device into the library. What is wrong with it is said beneath. */
export function buildUpload(designer: Designer, onStored: (picture: PictureInfo) => void): HTMLElement {
  const { words } = designer;
  const told = h("p", { class: "field-error", role: "alert" });
  const input = h("input", { type: "file", id: "designer-upload", accept: "image/png,image/jpeg,image/webp,application/pdf" }) as HTMLInputElement;
  input.addEventListener("change", () => void send());
  const send = async (): Promise<void> => {
    const file = input.files?.[0];
    if (file === undefined) return;
    const form = new FormData();
    form.set("picture", file);
    told.replaceChildren(words.uploading);
    const answer = await designer.server.upload(form);
    if (answer.kind !== "ok") return told.replaceChildren(answer.kind === "refused" ? answer.text : words.unreachable);
    designer.pictures = [...designer.pictures, answer.value];
    onStored(answer.value);
  };
  return h("div", { class: "field designer-field" }, h("label", { for: "designer-upload" }, words.upload), input, h("p", { class: "hint" }, words.uploadHint), told);
}

/** A letterhead is as large as its paper; another picture at most 40 mm wide. */
export function fitPicture(picture: { width: number; height: number; width_mm: number | null; height_mm: number | null }, inner: number): Record<string, number> {
  if (picture.width_mm !== null && picture.height_mm !== null) return { x: 0, y: 0, width: round(picture.width_mm), height: round(picture.height_mm) };
  const width = Math.min(inner, 40);
  return { width, height: round((width * picture.height) / picture.width) };
}

function makeTable(designer: Designer, inner: number): Record<string, unknown> {
  const columns = ["name", "quantity", "amount"];
  const widths = [inner - 4 - 20 - 30, 20, 30];
  const slot = designer.slot("lines");
  return {
    slot: "lines", width: inner,
    columns: columns.map((field, at) => ({ field, width: round(widths[at]!), label: slot?.fields.find(({ key }) => key === field)?.label ?? field, ...(at > 0 ? { align: "right" } : {}) })),
  };
}
