/// The page: its picture as it will be printed, rulers in millimetres, and a box over each element to move and size it.

import { h } from "../bench/dom.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import { type Place, getTop, isWithin, round } from "./document.ts";
import { type Handle, type Lines, type Rect, listLines, listTicks, resize, snapMove, snapResize } from "./geometry.ts";

/** Pixels within which a dragged edge is drawn to a line. */
const REACH = 6;
const GRID = 1;
const START = 3;
const RULER = 22;
const SVG = "http://www.w3.org/2000/svg";

export class Canvas {
  readonly element = h("div", { class: "designer-desk", id: "designer-desk" });
  private readonly sheet = h("div", { class: "designer-sheet" });
  private readonly picture = h("img", { class: "designer-page", alt: "", draggable: "false" }) as HTMLImageElement;
  private readonly boxes = h("div", { class: "designer-boxes", role: "group" });
  private readonly guides = h("div", { class: "designer-guides", "aria-hidden": "true" });
  private readonly rulers = [h("div", { class: "designer-ruler across", "aria-hidden": "true" }), h("div", { class: "designer-ruler down", "aria-hidden": "true" })] as const;

  constructor(private readonly designer: Designer) {
    this.boxes.setAttribute("aria-label", designer.words.page);
    this.sheet.append(this.picture, this.boxes, this.guides);
    this.element.append(h("div", { class: "designer-frame" }, h("span", { class: "designer-corner", "aria-hidden": "true" }, "mm"), this.rulers[0], this.rulers[1], this.sheet));
    this.sheet.addEventListener("pointerdown", (event) => this.press(event));
  }

  /** Pixels to a millimetre. */
  get scale(): number {
    const { paper, zoom } = this.designer;
    if (zoom > 0) return (zoom / 100) * (96 / 25.4);
    return Math.max(0.8, Math.min((this.element.clientWidth - RULER - 24) / paper.width, 6));
  }

  /** Shows what the server drew. */
  show(): void {
    const address = this.designer.shown.pages?.[this.designer.page - 1];
    if (address !== undefined && this.picture.src !== address) this.picture.src = address;
  }

  draw(): void {
    const { designer, scale } = this;
    const { paper, marks } = designer;
    setSize(this.sheet, paper.width * scale, paper.height * scale);
    this.drawRuler(this.rulers[0], paper.width, true);
    this.drawRuler(this.rulers[1], paper.height, false);
    const held = (document.activeElement as HTMLElement | null)?.dataset?.["place"];
    const ordered = [...marks].sort(([, one], [, other]) => other.width * other.height - one.width * one.height);
    this.boxes.replaceChildren(...ordered.map(([place, mark]) => this.buildBox(place, mark)));
    this.drawMargins();
    if (held !== undefined && document.activeElement === document.body) this.find(held)?.focus({ preventScroll: true });
  }

  focus(place: Place): void {
    this.find(place)?.focus();
  }

  private find(place: Place): HTMLElement | null {
    return this.boxes.querySelector<HTMLElement>(`.designer-box[data-place="${CSS.escape(place)}"]`);
  }

  private buildBox(place: Place, mark: Rect): HTMLElement {
    const { designer } = this;
    const element = designer.element(place);
    const isSelected = designer.selected.includes(place);
    const findings = designer.findingsOf(place);
    const isWrong = findings.some(({ severity }) => severity !== "warning");
    const box = h("button", {
      type: "button", class: `designer-box${isSelected ? " selected" : ""}${isWrong ? " bad" : findings.length > 0 ? " warn" : ""}${element?.type === "group" ? " group" : ""}`,
      "data-place": place, "aria-pressed": String(isSelected), tabindex: isSelected || place === [...designer.marks.keys()][0] ? "0" : "-1",
      "aria-label": element === undefined ? place : fill(designer.words.boxLabel, { name: designer.name(element), x: round(mark.x), y: round(mark.y) }),
      click: (event) => (event as PointerEvent).detail === 0 && designer.select([place]),
    });
    put(box, mark, this.scale);
    if (isSelected && designer.selected.length === 1) box.append(...this.listHandles(place).map((handle) => h("span", { class: `designer-handle ${handle}`, "data-handle": handle })));
    return box;
  }

  private listHandles(place: Place): Handle[] {
    const element = this.designer.element(place);
    const keys = new Set(this.designer.type(element ?? { type: "" })?.fields.map(({ key }) => key));
    if (keys.has("size")) return ["se"];
    const across: Handle[] = keys.has("width") ? ["w", "e"] : [];
    // What is as tall as its text gets a height in the panel only: in the flow it could not go on overleaf any more.
    return keys.has("height") && element?.height !== undefined ? [...across, "s", "se", ...(this.designer.isStacked(place) ? [] : (["n"] as Handle[]))] : across;
  }

  private drawMargins(): void {
    const { designer, scale } = this;
    const { margins } = designer.template.page;
    const area = h("div", { class: "designer-margins", "aria-hidden": "true" });
    put(area, { x: margins.left, y: margins.top, width: designer.paper.width - margins.left - margins.right, height: designer.paper.height - margins.top - margins.bottom }, scale);
    this.boxes.prepend(area);
    const frame = designer.page === 1 ? designer.template.flow?.first : designer.template.flow?.later;
    if (frame === undefined || frame === null) return;
    const flow = h("div", { class: "designer-flow", "aria-hidden": "true" });
    put(flow, { x: 0, y: frame.top, width: designer.paper.width, height: frame.bottom - frame.top }, scale);
    this.boxes.prepend(flow);
  }

  private drawRuler(ruler: HTMLElement, length: number, isAcross: boolean): void {
    const { scale } = this;
    const key = `${length}:${scale}`;
    if (ruler.dataset["drawn"] === key) return;
    ruler.dataset["drawn"] = key;
    const svg = document.createElementNS(SVG, "svg");
    setSize(svg as unknown as HTMLElement, isAcross ? length * scale : RULER, isAcross ? RULER : length * scale);
    const path = document.createElementNS(SVG, "path");
    let drawn = "";
    for (const { at, isLabelled } of listTicks(length, scale)) {
      const [place, tick] = [at * scale, isLabelled ? 8 : 4];
      drawn += isAcross ? `M${place} ${RULER}v-${tick}` : `M${RULER} ${place}h-${tick}`;
      if (!isLabelled || at === 0) continue;
      const text = document.createElementNS(SVG, "text");
      text.textContent = String(at);
      text.setAttribute("x", String(isAcross ? place : 1));
      text.setAttribute("y", String(isAcross ? 11 : place + 3));
      if (isAcross) text.setAttribute("text-anchor", "middle");
      svg.append(text);
    }
    path.setAttribute("d", drawn);
    svg.append(path);
    ruler.replaceChildren(svg);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { designer } = this;
    const target = event.target as HTMLElement;
    const handle = target.dataset["handle"] as Handle | undefined;
    const place = target.closest<HTMLElement>(".designer-box")?.dataset["place"];
    if (place === undefined) return designer.select([]);
    event.preventDefault();
    if (handle !== undefined) return this.dragHandle(place, handle, event);
    const under = this.findUnder(event, place);
    const wasSelected = designer.selected.includes(under);
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      designer.select(wasSelected ? designer.selected.filter((each) => each !== under) : [...designer.selected.filter((each) => getTop(each) !== getTop(under)), under]);
      return;
    }
    if (!wasSelected) designer.select([under]);
    this.focus(under);
    this.dragBoxes(event, () => wasSelected && designer.selected.length > 0 && this.goInside(place, under));
  }

  /** What is pressed: what is selected already stays, else the outermost element there. */
  private findUnder(event: PointerEvent, place: Place): Place {
    const stack = document.elementsFromPoint(event.clientX, event.clientY).flatMap((each) => (each instanceof HTMLElement && each.matches(".designer-box") ? [each.dataset["place"]!] : []));
    return stack.find((each) => this.designer.selected.includes(each)) ?? (this.designer.selected.some((each) => each !== getTop(place) && getTop(each) === getTop(place)) ? place : getTop(place));
  }

  /** A second press without dragging goes into the group. */
  private goInside(place: Place, under: Place): void {
    const inner = this.designer.reach(place);
    if (inner === under || !isWithin(inner, under)) return;
    this.designer.select([inner]);
    this.focus(inner);
  }

  private dragBoxes(start: PointerEvent, onPress: () => void): void {
    const { designer, scale } = this;
    const moved = designer.selected;
    const whole = surround(moved.flatMap((place) => designer.marks.get(place) ?? []));
    if (whole === null) return;
    const lines = this.listLines(moved);
    let by = { dx: 0, dy: 0 };
    this.follow(start, (event, dx, dy) => {
      const snapped = event.altKey ? { dx, dy, x: null, y: null } : snapMove(whole, dx, dy, lines, REACH / scale, GRID);
      by = { dx: Math.max(snapped.dx, -whole.x), dy: Math.max(snapped.dy, -whole.y) };
      this.showMoved(moved, by.dx, by.dy);
      this.showGuides(snapped.x, snapped.y);
    }, (isDragged) => {
      this.showGuides(null, null);
      if (!isDragged) return onPress();
      designer.moveBy(moved.map((place) => ({ place, ...by })), designer.words.didMove);
    });
  }

  private showMoved(places: readonly Place[], dx: number, dy: number): void {
    for (const box of this.boxes.querySelectorAll<HTMLElement>(".designer-box")) {
      const place = box.dataset["place"]!;
      const mark = this.designer.marks.get(place);
      if (mark !== undefined && places.some((each) => isWithin(place, each))) put(box, { ...mark, x: mark.x + dx, y: mark.y + dy }, this.scale);
    }
  }

  private dragHandle(place: Place, handle: Handle, start: PointerEvent): void {
    const { designer, scale } = this;
    const mark = designer.marks.get(place);
    const box = this.find(place);
    if (mark === undefined || box === null) return;
    const lines = this.listLines([place]);
    let sized = mark;
    this.follow(start, (event, dx, dy) => {
      const snapped = event.altKey ? { dx, dy, x: null, y: null } : snapResize(mark, handle, dx, dy, lines, REACH / scale, GRID);
      sized = resize(mark, handle, snapped.dx, snapped.dy);
      put(box, sized, scale);
      this.showGuides(snapped.x, snapped.y);
    }, (isDragged) => {
      this.showGuides(null, null);
      if (isDragged) this.keepSize(place, mark, sized);
    });
  }

  private keepSize(place: Place, before: Rect, after: Rect): void {
    const { designer } = this;
    const element = designer.element(place);
    if (element === undefined) return;
    const changes: Record<string, unknown> = {};
    const keys = new Set(designer.type(element)?.fields.map(({ key }) => key));
    if (keys.has("size")) changes["size"] = round(Math.max(after.width, after.height));
    else {
      if (after.width !== before.width) Object.assign(changes, changeWidth(element, round(after.width)));
      if (after.height !== before.height && keys.has("height")) changes["height"] = round(after.height);
    }
    if (after.x !== before.x) changes["x"] = Math.max(0, round((element.x ?? 0) + after.x - before.x));
    if (after.y !== before.y) changes["y"] = Math.max(0, round((element.y ?? 0) + after.y - before.y));
    designer.marks.set(place, after);
    designer.set(place, changes, designer.words.didSize);
  }

  private listLines(moved: readonly Place[]): Lines {
    const { designer } = this;
    return listLines(designer.listOthers(moved), designer.paper, designer.template.page.margins);
  }

  private showGuides(x: number | null, y: number | null): void {
    const { scale } = this;
    const lines: HTMLElement[] = [];
    for (const [at, name] of [[x, "across"], [y, "down"]] as const) {
      if (at === null) continue;
      const line = h("div", { class: `designer-guide ${name}` });
      line.style.setProperty(name === "across" ? "left" : "top", `${at * scale}px`);
      lines.push(line);
    }
    this.guides.replaceChildren(...lines);
  }

  private follow(start: PointerEvent, onMove: (event: PointerEvent, dx: number, dy: number) => void, onEnd: (isDragged: boolean) => void): void {
    let isDragged = false;
    const move = (event: PointerEvent): void => {
      const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (!isDragged && Math.hypot(dx, dy) < START) return;
      isDragged = true;
      onMove(event, dx / this.scale, dy / this.scale);
    };
    const end = (event: PointerEvent): void => {
      for (const [name, listener] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]] as const) document.removeEventListener(name, listener);
      onEnd(isDragged && event.type === "pointerup");
      if (event.type === "pointercancel") this.draw();
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
  }
}

/** The columns of a table fill its width: they keep their shares. */
export function changeWidth(element: { readonly [key: string]: unknown; readonly width?: number; readonly columns?: unknown }, width: number): Record<string, unknown> {
  const { columns } = element;
  if (!Array.isArray(columns)) return { width };
  const gaps = (columns.length - 1) * Number(element["gutter"] ?? 2) + 2 * Number(element["inset"] ?? 0);
  const inner = width - gaps;
  const before = columns.reduce((sum: number, column: { width: number }) => sum + column.width, 0);
  const sized = columns.map((column: { width: number }) => ({ ...column, width: round((column.width / before) * inner) }));
  const rest = inner - sized.reduce((sum, column) => sum + column.width, 0);
  sized[sized.length - 1] = { ...sized.at(-1)!, width: round(sized.at(-1)!.width + rest) };
  return { width, columns: sized };
}

function surround(marks: readonly Rect[]): Rect | null {
  if (marks.length === 0) return null;
  const [x, y] = [Math.min(...marks.map((mark) => mark.x)), Math.min(...marks.map((mark) => mark.y))];
  return { x, y, width: Math.max(...marks.map((mark) => mark.x + mark.width)) - x, height: Math.max(...marks.map((mark) => mark.y + mark.height)) - y };
}

function put(element: HTMLElement, { x, y, width, height }: Rect, scale: number): void {
  element.style.setProperty("left", `${x * scale}px`);
  element.style.setProperty("top", `${y * scale}px`);
  setSize(element, Math.max(width * scale, 3), Math.max(height * scale, 3));
}

function setSize(element: HTMLElement, width: number, height: number): void {
  element.style.setProperty("width", `${width}px`);
  element.style.setProperty("height", `${height}px`);
}
