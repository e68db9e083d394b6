/// What every part of the designer works with: the template, what is selected, how it looks, and how to change it.

import type { Store } from "../editing/store.ts";
import { fill } from "../editing/words.ts";
import {
  type Place, type Template, type TemplateElement, addElement, declare, findElementPlace, getElement, getList, getNumber, getTop, isStacked, isWithin, listElements, removeElements, round, setElement,
} from "./document.ts";
import type { Rect } from "./geometry.ts";
import type { Data, ElementType, Finding, Kit, PictureInfo, Preview, Server, SlotInfo } from "./server.ts";
import type { Words } from "./words.ts";

export type Tab = "element" | "styles" | "page";

export class Designer {
  selected: readonly Place[] = [];
  tab: Tab = "element";
  /** Which style is open in its tab. */
  style: string | null = null;
  page = 1;
  zoom = 0;
  data: Data = { data: "sample", shipment: "" };
  shown: Preview = { problems: [] };
  /** Where elements stand on the page shown: what the server drew, moved by what was changed since. */
  marks = new Map<Place, Rect>();
  pictures: PictureInfo[];

  constructor(
    readonly store: Store<Template>,
    readonly kit: Kit,
    readonly server: Server,
    readonly words: Words,
    readonly language: string,
    /** Draws everything but the picture of the page anew. */
    readonly draw: () => void,
    /** Tells a screen reader. */
    readonly say: (text: string) => void,
    readonly ask: () => void,
  ) {
    this.pictures = [...kit.pictures];
  }

  get template(): Template {
    return this.store.document;
  }

  get paper(): { width: number; height: number } {
    const { page } = this.template;
    const format = this.kit.formats.find(({ key }) => key === page.format);
    if (format === undefined) return { width: page.width ?? 210, height: page.height ?? 297 };
    return page.orientation === "landscape" ? { width: format.height, height: format.width } : { width: format.width, height: format.height };
  }

  element(place: Place): TemplateElement | undefined {
    return getElement(this.template, place);
  }

  get chosen(): TemplateElement | undefined {
    return this.selected.length === 1 ? this.element(this.selected[0]!) : undefined;
  }

  type(element: TemplateElement): ElementType | undefined {
    return this.kit.types.find(({ key }) => key === element.type);
  }

  slot(key: string): SlotInfo | undefined {
    return this.kit.slots.find((slot) => slot.key === key);
  }

  /** Its own label for what the template names itself, else that of the catalogue. */
  nameSlot(key: string): string {
    const label = this.template.slots?.[key]?.["label"] as { ja?: string; en?: string } | undefined;
    return (this.language === "en" ? label?.en : label?.ja) ?? this.slot(key)?.label ?? this.words.builtIn[key as keyof Words["builtIn"]] ?? key;
  }

  nameFlag(key: string): string {
    const label = this.template.flags?.[key];
    return (this.language === "en" ? label?.en : label?.ja) ?? key;
  }

  /** What an element is called: what it shows, else its kind. */
  name(element: TemplateElement): string {
    const label = this.type(element)?.label ?? element.type;
    const picture = this.pictures.find(({ key }) => key === element["picture"])?.name;
    const shown = this.tell(String(element.text ?? "")) || (typeof element["slot"] === "string" ? this.nameSlot(element["slot"]) : "") || (picture ?? "");
    if (shown !== "" || element.elements === undefined) return shown === "" ? label : shown;
    let first: TemplateElement | undefined = element;
    while (first?.elements !== undefined) first = first.elements[0];
    return first === undefined ? label : `${label}: ${this.name(first)}`;
  }

  /** A text with the names of its slots. */
  tell(text: string): string {
    return text.replace(/\{([a-z][a-z0-9_]*)(?::[a-z]+)?(?:\?([^{}]*))?\}/g, (_, key: string, prefix: string | undefined) => `${prefix ?? ""}〔${this.nameSlot(key)}〕`).trim();
  }

  get findings(): readonly Finding[] {
    return [...this.shown.problems, ...(this.shown.findings ?? [])];
  }

  findingsOf(place: Place): Finding[] {
    return this.findings.filter((finding) => findElementPlace(finding.place) === place);
  }

  select(places: readonly Place[]): void {
    this.selected = places;
    if (places.length > 0) this.tab = "element";
    const page = places[0] === undefined ? undefined : this.shown.marks?.find(([place]) => place === places[0])?.[1];
    if (page !== undefined && !this.marks.has(places[0]!)) this.turn(page);
    this.draw();
  }

  turn(page: number): void {
    this.page = Math.max(1, Math.min(page, this.shown.pages?.length ?? 1));
    this.takeMarks();
  }

  takeMarks(): void {
    this.marks = new Map((this.shown.marks ?? []).filter(([, page]) => page === this.page).map(([place, , x, y, width, height]) => [place, { x, y, width, height }]));
  }

  change(template: Template, label: string, merge: string | null = null): void {
    const known = new Set(this.kit.slots.map(({ key }) => key));
    this.store.change(declare(template, known, (flag) => ({ ja: flag, en: flag })), label, merge);
  }

  set(place: Place, changes: Record<string, unknown>, label: string, merge: string | null = null): void {
    this.change(setElement(this.template, place, changes), label, merge);
  }

  /** Moves the selected elements by so many millimetres. */
  moveBy(moves: readonly { place: Place; dx: number; dy: number }[], label: string, merge: string | null = null): void {
    let { template } = this;
    for (const { place, dx, dy } of moves) {
      const element = getElement(template, place);
      if (element === undefined) continue;
      const [x, y] = [Math.max(0, round((element.x ?? 0) + dx)), Math.max(0, round((element.y ?? 0) + dy))];
      this.shiftMarks(place, x - (element.x ?? 0), y - (element.y ?? 0));
      template = setElement(template, place, { ...(dx === 0 ? {} : { x }), ...(dy === 0 ? {} : { y }) });
    }
    this.change(template, label, merge);
  }

  /** Until the server has drawn it, an element stands where it will stand. */
  private shiftMarks(outer: Place, dx: number, dy: number): void {
    for (const [place, mark] of this.marks) if (isWithin(place, outer)) this.marks.set(place, { ...mark, x: mark.x + dx, y: mark.y + dy });
  }

  /** The others' edges that a dragged element may snap to. */
  listOthers(moved: readonly Place[]): Rect[] {
    return [...this.marks].filter(([place]) => !moved.some((each) => isWithin(place, each) || isWithin(each, place))).map(([, mark]) => mark);
  }

  /** Puts a copy after the element: a little lower and to the right, where it stands at a place of its own. */
  duplicate(place: Place): void {
    const element = this.element(place);
    if (element === undefined) return;
    const by = this.isStacked(place) ? 0 : 2;
    const copy = { ...element, x: round((element.x ?? 0) + by), y: round((element.y ?? 0) + by) };
    const added = addElement(this.template, getList(place), copy, getNumber(place) + 1);
    const told = fill(this.words.didAdd, { name: this.name(copy) });
    this.change(added.template, told);
    this.select([added.place]);
    this.say(told);
  }

  remove(places: readonly Place[]): void {
    const names = places.map((place) => this.name(this.element(place)!)).join(this.words.comma);
    this.selected = [];
    this.change(removeElements(this.template, places), fill(this.words.didRemove, { name: names }));
    this.say(fill(this.words.didRemove, { name: names }));
  }

  /** The place that a press on an element selects: first its group, then what is inside. */
  reach(place: Place): Place {
    const top = getTop(place);
    const isInside = this.selected.some((each) => isWithin(each, top));
    if (!isInside || place === top) return top;
    // One level further in than what is selected now.
    const open = this.selected.find((each) => isWithin(place, each) && each !== place);
    if (open === undefined) return this.selected.some((each) => each !== top) ? place : top;
    const next = /^\.elements\[\d+\]/.exec(place.slice(open.length))?.[0] ?? "";
    return open + next;
  }

  isStacked(place: Place): boolean {
    return isStacked(this.template, place);
  }

  list(): ReturnType<typeof listElements> {
    return listElements(this.template);
  }
}
