/// A template as the server keeps it, and where its elements stand in it. Nothing is changed in place.

import { type Path, getAt, insertAt, moveTo, removeAt, setAt } from "../editing/paths.ts";

export interface Texts {
  readonly ja: string;
  readonly en: string;
}
export interface TemplateElement {
  readonly type: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly size?: number;
  readonly text?: string;
  readonly show_if_slot?: string;
  readonly show_if_flag?: string;
  readonly elements?: readonly TemplateElement[];
  readonly columns?: unknown;
  readonly [key: string]: unknown;
}
export interface Margins {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}
export interface Page {
  readonly format?: string;
  readonly orientation?: string;
  readonly width?: number;
  readonly height?: number;
  readonly margins: Margins;
}
export interface Frame {
  readonly top: number;
  readonly bottom: number;
}
export interface Flow {
  readonly first: Frame;
  readonly later: Frame;
  readonly elements: readonly TemplateElement[];
}
export interface Template {
  readonly key: string;
  readonly language: string;
  readonly kind: string;
  readonly name: Texts;
  readonly letter_class?: string;
  readonly sealed?: boolean;
  readonly page: Page;
  readonly styles: { readonly [name: string]: { readonly [key: string]: unknown } };
  readonly slots?: { readonly [name: string]: { readonly [key: string]: unknown } };
  readonly flags?: { readonly [name: string]: Texts };
  readonly elements?: readonly TemplateElement[];
  readonly flow?: Flow | null;
}
/** As the server names places: flow.elements[2].elements[0] */
export type Place = string;

export function readPlace(place: Place): Path {
  return [...place.matchAll(/([a-z_]+)|\[(\d+)\]/g)].map(([, name, number]) => name ?? Number(number));
}

export function writePlace(path: Path): Place {
  return path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`), "");
}

/** The place of the element that a problem's place lies in: flow.elements[2].columns[0].width → flow.elements[2] */
export function findElementPlace(place: string): Place | null {
  return /^(?:flow\.)?elements\[\d+\](?:\.elements\[\d+\])*/.exec(place)?.[0] ?? null;
}

export const isInFlow = (place: Place): boolean => place.startsWith("flow.");
export const getParent = (place: Place): Place | null => /^(.*)\.elements\[\d+\]$/.exec(place)?.[1]?.replace(/^flow$/, "") || null;
export const getTop = (place: Place): Place => /^(?:flow\.)?elements\[\d+\]/.exec(place)?.[0] ?? place;
export const isWithin = (place: Place, outer: Place): boolean => place === outer || place.startsWith(`${outer}.`);
export const getNumber = (place: Place): number => Number(/\[(\d+)\]$/.exec(place)?.[1] ?? -1);
export const getList = (place: Place): Place => place.replace(/\[\d+\]$/, "");

export function getElement(template: Template, place: Place): TemplateElement | undefined {
  const found = getAt(template, readPlace(place));
  return typeof found === "object" && found !== null && "type" in found ? (found as TemplateElement) : undefined;
}

/** Whether its y is a gap below what stands before it. */
export function isStacked(template: Template, place: Place): boolean {
  const parent = getParent(place);
  return parent === null ? isInFlow(place) : getElement(template, parent)?.["stack"] === true;
}

export interface Listed {
  readonly place: Place;
  readonly element: TemplateElement;
  readonly depth: number;
}

/** All elements, those in groups after their group. */
export function listElements(template: Template): Listed[] {
  const found: Listed[] = [];
  const walk = (list: readonly TemplateElement[] | undefined, where: string, depth: number): void => {
    for (const [number, element] of (list ?? []).entries()) {
      const place = `${where}[${number}]`;
      found.push({ place, element, depth });
      walk(element.elements, `${place}.elements`, depth + 1);
    }
  };
  walk(template.elements, "elements", 0);
  walk(template.flow?.elements, "flow.elements", 0);
  return found;
}

export function setElement(template: Template, place: Place, changes: Record<string, unknown>): Template {
  return Object.entries(changes).reduce((changed, [key, value]) => setAt(changed, [...readPlace(place), key], value), template);
}

const readList = (template: Template, list: Place): readonly TemplateElement[] => (getAt(template, readPlace(list)) as readonly TemplateElement[] | undefined) ?? [];

export function addElement(template: Template, list: Place, element: TemplateElement, at?: number): { template: Template; place: Place } {
  const before = readList(template, list);
  const number = at ?? before.length;
  return { template: setAt(template, readPlace(list), insertAt(before, number, element)), place: `${list}[${number}]` };
}

/** Takes elements out. A group, or the flow, that would be left empty goes with its last element. */
export function removeElements(template: Template, places: readonly Place[]): Template {
  const ordered = [...places].sort((one, other) => compare(other, one));
  return ordered.reduce((changed, place) => {
    const list = getList(place);
    const left = removeAt(readList(changed, list), getNumber(place));
    const parent = getParent(place);
    if (left.length === 0 && parent !== null) return removeElements(changed, [parent]);
    if (left.length === 0 && list === "flow.elements") return setAt(changed, ["flow"], undefined);
    return setAt(changed, readPlace(list), left);
  }, template);
}

function compare(one: Place, other: Place): number {
  const [a, b] = [readPlace(one).filter((step) => typeof step === "number"), readPlace(other).filter((step) => typeof step === "number")] as [number[], number[]];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const by = (a[at] ?? -1) - (b[at] ?? -1);
    if (by !== 0) return by;
  }
  return 0;
}

/** Moves an element among those beside it. */
export function reorder(template: Template, place: Place, to: number): { template: Template; place: Place } {
  const list = getList(place);
  const before = readList(template, list);
  const number = Math.max(0, Math.min(to, before.length - 1));
  return { template: setAt(template, readPlace(list), moveTo(before, getNumber(place), number)), place: `${list}[${number}]` };
}

/** Puts elements of one list into a group that takes as much room as they do. */
export function wrap(template: Template, places: readonly Place[], boxes: ReadonlyMap<Place, { x: number; y: number; width: number }>): { template: Template; place: Place } | null {
  const ordered = [...places].sort(compare);
  const first = ordered[0];
  if (first === undefined || ordered.some((place) => getList(place) !== getList(first)) || isStacked(template, first)) return null;
  const found = ordered.map((place) => getElement(template, place)!);
  const left = Math.min(...found.map(({ x }) => x ?? 0));
  const top = Math.min(...found.map(({ y }) => y ?? 0));
  const right = Math.max(...ordered.map((place, at) => (found[at]!.x ?? 0) + (boxes.get(place)?.width ?? found[at]!.width ?? found[at]!.size ?? 0)));
  const elements = found.map((element) => ({ ...element, x: round((element.x ?? 0) - left), y: round((element.y ?? 0) - top), on: undefined }));
  const plain = elements.map((element) => Object.fromEntries(Object.entries(element).filter(([, value]) => value !== undefined)) as unknown as TemplateElement);
  const on = found[0]!["on"];
  const group: TemplateElement = { type: "group", x: left, y: top, width: round(right - left), elements: plain, ...(on === undefined ? {} : { on }) };
  const without = ordered.reduceRight((changed, place) => setAt(changed, readPlace(getList(place)), removeAt(readList(changed, getList(place)), getNumber(place))), template);
  return addElement(without, getList(first), group, getNumber(first));
}

export function unwrap(template: Template, place: Place): { template: Template; places: Place[] } | null {
  const group = getElement(template, place);
  if (group?.elements === undefined || isStacked(template, place) || group["stack"] === true) return null;
  const padding = Number(group["padding"] ?? 0);
  const inner = group.elements.map((child) => ({ ...child, x: round((child.x ?? 0) + (group.x ?? 0) + padding), y: round((child.y ?? 0) + (group.y ?? 0) + padding), ...(group["on"] === undefined ? {} : { on: group["on"] }) }));
  const list = getList(place);
  const left = removeAt(readList(template, list), getNumber(place));
  const at = getNumber(place);
  return { template: setAt(template, readPlace(list), insertAt(left, at, ...inner)), places: inner.map((_, number) => `${list}[${at + number}]`) };
}

export const round = (value: number): number => Math.round(value * 100) / 100;

const FIELD = /\{([a-z][a-z0-9_]*)(?::[a-z]+)?(?:\?[^{}]*)?\}/g;

/** The slots that a text shows. */
export function listSlots(text: string): string[] {
  return [...text.matchAll(FIELD)].map(([, name]) => name!);
}

const BUILT_IN = new Set(["copy_code", "copy_code_plain", "page", "pages"]);

/** Names in the template every slot that its elements show, and every flag that they wait for. */
export function declare(template: Template, slotsKnown: ReadonlySet<string>, nameFlag: (flag: string) => Texts): Template {
  const slots = new Set<string>();
  const flags = new Set<string>();
  for (const { element } of listElements(template)) {
    for (const [key, value] of Object.entries(element)) {
      if (typeof value !== "string") continue;
      if (key === "slot" || key === "show_if_slot") slots.add(value);
      else if (key === "show_if_flag") flags.add(value);
      else for (const name of listSlots(value)) slots.add(name);
    }
  }
  const newSlots = [...slots].filter((name) => !(name in (template.slots ?? {})) && slotsKnown.has(name) && !BUILT_IN.has(name));
  const newFlags = [...flags].filter((name) => name !== "" && !(name in (template.flags ?? {})));
  if (newSlots.length === 0 && newFlags.length === 0) return template;
  return {
    ...template,
    slots: { ...template.slots, ...Object.fromEntries(newSlots.map((name) => [name, {}])) },
    flags: { ...template.flags, ...Object.fromEntries(newFlags.map((name) => [name, nameFlag(name)])) },
  };
}
