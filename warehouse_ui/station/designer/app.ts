/// Puts the designer together: what is drawn, when the preview is asked for and the draft saved, and the keys.

import { find, h } from "../bench/dom.ts";
import { buildConflictNotice, openConflict } from "../editing/conflict.ts";
import type { Draft } from "../editing/asking.ts";
import { type Overtaking, Saver } from "../editing/saving.ts";
import { Store } from "../editing/store.ts";
import { fill } from "../editing/words.ts";
import { listenDrags } from "../rules/drag.ts";
import { openAdding } from "./adding.ts";
import { Canvas } from "./canvas.ts";
import { tellParts } from "./conflict.ts";
import { Designer, type Tab } from "./designer.ts";
import { type Place, type Template, findElementPlace, getElement, getNumber } from "./document.ts";
import { buildFindings } from "./findings.ts";
import { buildLayers, moveLayer } from "./layers.ts";
import { type Part, TEMPLATES } from "./merging.ts";
import { buildPage } from "./page_tab.ts";
import { buildProperties } from "./properties.ts";
import type { Kit, Server } from "./server.ts";
import { buildStyles } from "./style_tab.ts";
import { type Acts, buildBar, buildView } from "./toolbar.ts";
import { findWords } from "./words.ts";

const PREVIEW_PAUSE = 250;
const LOOK_EVERY = 8_000;
const TABS: readonly Tab[] = ["element", "styles", "page"];
const STEP: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class App {
  readonly store: Store<Template>;
  readonly designer: Designer;
  readonly saver: Saver<Template, Part>;
  private readonly canvas: Canvas;
  private readonly parts = { bar: h("div"), notice: h("div"), view: h("div"), layers: h("div", { class: "designer-left" }), side: h("div", { class: "designer-side" }), findings: h("div", { class: "designer-findings-place" }) };
  private timer = 0;
  private asked = 0;
  private sharpness = 0;
  private shownOvertaking: Overtaking<Part> | null = null;
  private readonly acts: Acts = {
    undo: () => this.undo(), redo: () => this.redo(), publish: (event) => void this.publish(event),
    show: (data) => {
      this.designer.data = data;
      this.designer.page = 1;
      this.drawView();
      if (data.data !== "shipment" || data.shipment !== "") this.ask(0);
      else find("designer-shipment").focus();
    },
    zoom: (zoom) => {
      this.designer.zoom = zoom;
      this.canvas.draw();
      this.ask(0);
    },
  };

  constructor(private readonly root: HTMLElement, private readonly server: Server, language: string, draft: Draft<Template>, kit: Kit, shop: string, private readonly path: string) {
    this.store = new Store(draft.document);
    this.designer = new Designer(this.store, kit, server, findWords(language), language, () => this.draw(), (text) => this.say(text), () => this.ask(0));
    this.canvas = new Canvas(this.designer);
    this.saver = new Saver(this.store, TEMPLATES, server, localStorage, `soegaki-template-${shop}-${path}`, draft, () => this.drawBar());
    this.store.listen((isTyping) => this.changed(isTyping));
  }

  start(): void {
    const { root, parts, canvas } = this;
    root.replaceChildren(parts.bar, parts.notice, h("div", { class: "designer-room" }, parts.layers, h("div", { class: "designer-middle" }, parts.view, canvas.element, parts.findings), parts.side));
    if (this.saver.takeUp()) this.say(this.designer.words.takenUp);
    listenDrags(root, ({ from, number }) => this.drop(String(from[0]), number));
    document.addEventListener("keydown", (event) => this.press(event));
    addEventListener("pagehide", () => void this.saver.flush());
    new ResizeObserver(() => this.resized()).observe(canvas.element);
    document.addEventListener("visibilitychange", () => void (document.hidden ? this.saver.flush() : this.saver.look()));
    setInterval(() => !document.hidden && void this.saver.look(), LOOK_EVERY);
    const place = findElementPlace(decodeURIComponent(location.hash.slice(1)));
    if (place !== null && this.designer.element(place) !== undefined) this.designer.selected = [place];
    this.draw();
    this.ask(0);
  }

  private changed(isTyping: boolean): void {
    const { designer } = this;
    designer.selected = designer.selected.filter((place) => getElement(designer.template, place) !== undefined);
    if (isTyping) {
      this.drawBar();
      this.canvas.draw();
    } else this.draw();
    this.ask(PREVIEW_PAUSE);
  }

  private draw(): void {
    const held = (document.activeElement as HTMLElement | null)?.dataset?.["focus"] ?? null;
    const opened = new Set([...this.root.querySelectorAll<HTMLElement>("details[open][data-column]")].map((each) => each.dataset["column"]));
    this.drawBar();
    this.drawView();
    this.parts.layers.replaceChildren(buildLayers(this.designer, (anchor, list) => openAdding(this.designer, anchor, list)));
    this.drawSide();
    this.drawFindings();
    this.canvas.draw();
    for (const each of this.root.querySelectorAll<HTMLDetailsElement>("details[data-column]")) each.open = opened.has(each.dataset["column"]);
    if (held !== null && document.activeElement === document.body) this.root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    this.showSelectedLayer();
  }

  /** Scrolls the list alone: the page under the pointer stays where it is. */
  private showSelectedLayer(): void {
    const { layers } = this.parts;
    const row = layers.querySelector<HTMLElement>(".designer-layer.selected");
    if (row === null) return;
    const [at, view] = [row.getBoundingClientRect(), layers.getBoundingClientRect()];
    if (at.top < view.top) layers.scrollTop -= view.top - at.top;
    else if (at.bottom > view.bottom) layers.scrollTop += at.bottom - view.bottom;
  }

  private drawBar(): void {
    const held = (document.activeElement as HTMLElement | null)?.dataset?.["focus"];
    this.parts.bar.replaceChildren(buildBar(this.designer, this.saver, this.acts, this.path));
    this.parts.notice.replaceChildren(...[buildConflictNotice(tellParts(this.designer), this.saver)].filter((each) => each !== null));
    if (held !== undefined && document.activeElement === document.body) this.root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(held)}"]`)?.focus();
    this.askOnce();
  }

  /** Where both changed the same part, the question comes by itself, once; later it waits in the notice. */
  private askOnce(): void {
    const { overtaking, standing } = this.saver;
    if (standing !== "undecided" || overtaking === this.shownOvertaking || document.querySelector("dialog[open]") !== null) return;
    this.shownOvertaking = overtaking;
    openConflict(tellParts(this.designer), this.saver);
  }

  private drawView(): void {
    this.parts.view.replaceChildren(buildView(this.designer, this.acts));
  }

  private drawFindings(): void {
    this.parts.findings.replaceChildren(buildFindings(this.designer));
  }

  private drawSide(): void {
    const { designer } = this;
    const { words } = designer;
    const tabs = TABS.map((tab) => h("button", {
      type: "button", class: "designer-tab", role: "tab", id: `tab-${tab}`, "aria-selected": String(tab === designer.tab), "aria-controls": "designer-panel", tabindex: tab === designer.tab ? "0" : "-1", "data-focus": `tab:${tab}`,
      click: () => this.openTab(tab), keydown: (event) => this.walkTabs(event as KeyboardEvent, tab),
    }, words.tabs[tab]));
    const body = designer.tab === "styles" ? buildStyles(designer) : designer.tab === "page" ? buildPage(designer) : buildProperties(designer);
    this.parts.side.replaceChildren(h("div", { class: "card designer-panel" }, h("div", { class: "designer-tabs", role: "tablist", "aria-label": words.tabsLabel }, ...tabs), h("div", { id: "designer-panel", role: "tabpanel", "aria-labelledby": `tab-${designer.tab}`, tabindex: "-1" }, body)));
  }

  private openTab(tab: Tab): void {
    this.designer.tab = tab;
    this.drawSide();
    this.root.querySelector<HTMLElement>(`#tab-${tab}`)?.focus();
  }

  private walkTabs(event: KeyboardEvent, tab: Tab): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.openTab(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!);
  }

  /** Asks for the picture of the page as it stands, a moment after the last change. */
  private ask(pause: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.preview(), pause);
  }

  /** Pixels of the picture to a point of the page: as many as the screen shows, in steps. */
  private measure(): number {
    const shown = ((this.canvas.scale * 25.4) / 72) * Math.max(1, devicePixelRatio);
    return Math.max(0.5, Math.min(3, Math.ceil(shown * 2) / 2));
  }

  private resized(): void {
    this.canvas.draw();
    if (this.measure() > this.sharpness && this.sharpness > 0) this.ask(PREVIEW_PAUSE);
  }

  private async preview(): Promise<void> {
    const asked = ++this.asked;
    const { designer } = this;
    this.root.dataset["previewing"] = "true";
    this.sharpness = this.measure();
    const answer = await this.server.preview(designer.template, designer.data, this.sharpness);
    if (asked !== this.asked) return;
    delete this.root.dataset["previewing"];
    if (answer.kind === "ok") {
      // A template that is not one yet keeps its last picture.
      designer.shown = answer.value.pages === undefined ? { ...designer.shown, problems: answer.value.problems } : answer.value;
      designer.turn(designer.page);
    } else if (answer.kind === "refused") designer.shown = { ...designer.shown, problems: [{ place: "", code: "refused", text: answer.text }] };
    this.canvas.show();
    this.root.dataset["previewed"] = String(asked);
    this.drawPreviewed();
  }

  /** What depends on the preview, without taking what is being typed in away. */
  private drawPreviewed(): void {
    const typed = document.activeElement;
    if (typed instanceof HTMLElement && this.parts.side.contains(typed)) {
      this.canvas.draw();
      this.drawFindings();
      this.parts.layers.replaceChildren(buildLayers(this.designer, (anchor, list) => openAdding(this.designer, anchor, list)));
      if (!(typed instanceof HTMLInputElement) || typed.type !== "text") return;
      return;
    }
    if (document.querySelector("dialog[open]") !== null) return this.canvas.draw();
    this.draw();
  }

  private undo(): void {
    const { words } = this.designer;
    const label = this.store.undo();
    this.say(label === null ? words.nothingToUndo : fill(words.saidUndone, { label }));
  }

  private redo(): void {
    const { words } = this.designer;
    const label = this.store.redo();
    this.say(label === null ? words.nothingToRedo : fill(words.saidRedone, { label }));
  }

  /** What is not saved yet would not be published. */
  private async publish(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.saver.flush()) location.assign(`${this.path}/publish`);
    else this.say(this.designer.words.notSavedYet);
  }

  private press(event: KeyboardEvent): void {
    if (document.querySelector("dialog[open]") !== null) return;
    const isTyping = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type !== "checkbox");
    if (isTyping) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) this.redo();
      else this.undo();
    } else if ((event.ctrlKey || event.metaKey) && key === "d" && this.designer.selected.length === 1) {
      event.preventDefault();
      this.designer.duplicate(this.designer.selected[0]!);
    } else if (event.key in STEP) this.moveByKey(event);
    else if ((event.key === "Delete" || event.key === "Backspace") && this.isOnElement(event)) {
      event.preventDefault();
      this.designer.remove(this.designer.selected);
    } else if (event.key === "Escape" && this.designer.selected.length > 0) this.designer.select([]);
  }

  private isOnElement(event: Event): boolean {
    return this.designer.selected.length > 0 && (event.target as Element).closest(".designer-box, .designer-layer, .designer-desk") !== null;
  }

  /** An arrow moves 1 mm, with Shift 0.1 mm, with Ctrl 5 mm; with Alt a layer takes another place in its list. */
  private moveByKey(event: KeyboardEvent): void {
    const [x, y] = STEP[event.key]!;
    const { designer } = this;
    const layer = (event.target as Element).closest<HTMLElement>("[data-layer]")?.dataset["layer"];
    if (layer !== undefined && event.altKey && y !== 0) {
      event.preventDefault();
      const moved = moveLayer(designer, layer, getNumber(layer) + y);
      if (moved !== null) this.root.querySelector<HTMLElement>(`[data-focus="layer:${CSS.escape(moved)}"]`)?.focus();
      return;
    }
    if (layer !== undefined && !event.shiftKey && !event.ctrlKey && y !== 0) return this.walkLayers(event, y);
    if (!this.isOnElement(event)) return;
    event.preventDefault();
    const step = event.shiftKey ? 0.1 : event.ctrlKey || event.metaKey ? 5 : 1;
    designer.moveBy(designer.selected.map((place) => ({ place, dx: x * step, dy: y * step })), designer.words.didMove, `move:${designer.selected.join()}`);
    this.sayPlace(designer.selected[0]!);
  }

  private sayPlace(place: Place): void {
    const element = this.designer.element(place);
    if (element !== undefined) this.say(fill(this.designer.words.saidPlace, { x: element.x ?? 0, y: element.y ?? 0 }));
    const [x, y] = [this.root.querySelector<HTMLInputElement>('[data-focus="x"]'), this.root.querySelector<HTMLInputElement>('[data-focus="y"]')];
    if (x !== null && element !== undefined) x.value = String(element.x ?? 0);
    if (y !== null && element !== undefined) y.value = String(element.y ?? 0);
  }

  private walkLayers(event: KeyboardEvent, by: number): void {
    event.preventDefault();
    const all = [...this.root.querySelectorAll<HTMLElement>("[data-layer]")];
    all[all.indexOf((event.target as Element).closest<HTMLElement>("[data-layer]")!) + by]?.focus();
  }

  private drop(place: Place, number: number): void {
    const at = getNumber(place);
    moveLayer(this.designer, place, at < number ? number - 1 : number);
  }

  private say(text: string): void {
    find("designer-said").textContent = text;
  }
}
