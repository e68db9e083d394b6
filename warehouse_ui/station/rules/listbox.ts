/// A list one searches by typing and walks with the arrow keys (ARIA combobox with a list that is always open).

import { h, icon } from "../bench/dom.ts";
import { search, searchAlike } from "./searching.ts";

export interface Item {
  readonly value: string;
  readonly label: string;
  readonly words?: string;
  readonly note?: string | undefined;
  readonly group?: string;
  readonly icon?: string;
  readonly picture?: string | null | undefined;
  readonly badge?: { tone: string; text: string } | undefined;
}
export interface ListboxOptions {
  readonly label: string;
  readonly hint: string;
  readonly nothing: string;
  readonly items: readonly Item[];
  readonly chosen?: readonly string[];
  readonly isMultiple?: boolean;
  /** Asks the server, for lists too long to send. */
  readonly load?: (query: string) => Promise<readonly Item[]>;
  /** Makes an item of what was typed, where other names than those listed are allowed. */
  readonly typed?: (text: string) => Item;
  readonly onChoose: (value: string, item: Item) => void;
  /** With several to choose: Enter on an empty line, nothing sought and no arrow pressed, says that it is enough. */
  readonly onDone?: () => void;
}
const MOST = 200;
const PATIENCE = 200;
let count = 0;

export class Listbox {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly id = `listbox-${++count}`;
  private items: readonly Item[];
  private shown: Item[] = [];
  private active = 0;
  private chosen: Set<string>;
  private asked = 0;
  private timer = 0;
  private isLoading = false;
  private isEnterWaiting = false;
  private hasWalked = false;

  constructor(private readonly options: ListboxOptions) {
    this.items = options.items;
    this.chosen = new Set(options.chosen);
    this.input = h("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": this.id, "aria-autocomplete": "list", "aria-label": options.label,
      placeholder: options.hint, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
      input: () => this.filter(), keydown: (event) => this.press(event as KeyboardEvent),
    }) as HTMLInputElement;
    this.list = h("div", { id: this.id, role: "listbox", class: "rule-options", "aria-label": options.label, tabindex: "-1", "aria-multiselectable": options.isMultiple ? "true" : "false" });
    this.element = h("div", { class: "rule-listbox" }, h("div", { class: "rule-search" }, icon("search"), this.input), this.list);
    this.filter();
    const first = this.shown.findIndex((item) => this.chosen.has(item.value));
    this.activate(Math.max(0, first));
  }

  choose(values: readonly string[]): void {
    this.chosen = new Set(values);
    this.draw();
  }

  private filter(): void {
    const query = this.input.value.trim();
    const { load } = this.options;
    // Where other names may be typed, one that is only alike must not take their place.
    if (load === undefined) return this.show((this.options.typed === undefined ? searchAlike : search)(this.items, query), query);
    clearTimeout(this.timer);
    const asked = ++this.asked;
    this.isLoading = true;
    if (this.shown.length === 0) this.draw();
    this.timer = window.setTimeout(() => void load(query).then((items) => asked === this.asked && this.receive([...items], query)), query === "" ? 0 : PATIENCE);
  }

  /** Who types and presses Enter at once means what is found, not what was listed before. */
  private receive(found: Item[], query: string): void {
    this.isLoading = false;
    this.show(found, query);
    if (this.isEnterWaiting) this.enter();
  }

  private enter(): void {
    this.isEnterWaiting = this.isLoading && this.input.value !== "";
    if (this.isEnterWaiting) return;
    const isEnough = this.options.isMultiple && this.input.value === "" && !this.hasWalked && this.chosen.size > 0;
    if (isEnough && this.options.onDone) this.options.onDone();
    else this.take(this.active);
  }

  private show(found: Item[], query: string): void {
    const { typed } = this.options;
    const isListed = found.some((item) => item.label === query || item.value === query);
    this.shown = [...found.slice(0, MOST), ...(typed !== undefined && query !== "" && !isListed ? [typed(query)] : [])];
    this.active = 0;
    this.draw();
  }

  private draw(): void {
    // What is on its way is not missing.
    this.list.setAttribute("aria-busy", String(this.isLoading));
    if (this.shown.length === 0) {
      this.list.replaceChildren(h("div", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "rule-nothing" }, this.isLoading ? "…" : this.options.nothing));
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    const groups = new Map<string, HTMLElement[]>();
    for (const [index, item] of this.shown.entries()) {
      const members = groups.get(item.group ?? "") ?? [];
      members.push(this.buildOption(item, index));
      groups.set(item.group ?? "", members);
    }
    this.list.replaceChildren(...[...groups].map(([name, members]) => (name === "" ? wrapPlain(members) : wrapGroup(name, members))));
    this.activate(this.active);
  }

  private buildOption(item: Item, index: number): HTMLElement {
    const isChosen = this.chosen.has(item.value);
    const face = item.picture ? h("img", { src: item.picture, alt: "", width: "40", height: "40", loading: "lazy" }) : item.icon === undefined ? null : icon(item.icon);
    return h("div", {
      role: "option", id: `${this.id}-${index}`, class: "rule-option", "aria-selected": String(isChosen), "data-value": item.value,
      click: () => this.take(index), pointermove: () => this.active !== index && this.activate(index, false),
    },
      this.options.isMultiple ? h("span", { class: `rule-tick${isChosen ? " on" : ""}`, "aria-hidden": "true" }, isChosen ? icon("check") : null) : null,
      face,
      h("span", { class: "rule-option-text" }, h("span", {}, item.label), item.note ? h("small", {}, item.note) : null),
      item.badge ? h("span", { class: `badge ${item.badge.tone}` }, item.badge.text) : null,
    );
  }

  private press(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const by = steps[event.key];
    if (by !== undefined) {
      this.hasWalked = true;
      this.activate(Math.max(0, Math.min(this.shown.length - 1, this.active + by)));
    } else if (event.key === "Enter" && !event.ctrlKey) this.enter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private take(index: number): void {
    const item = this.shown[index];
    if (item === undefined) return;
    this.active = index;
    this.options.onChoose(item.value, item);
    if (!this.options.isMultiple || this.input.value === "") return;
    this.input.value = "";
    this.hasWalked = false;
    this.filter();
  }

  private activate(index: number, isScrolled = true): void {
    this.active = index;
    this.list.querySelector(".active")?.classList.remove("active");
    const option = this.list.querySelector(`#${this.id}-${index}`);
    if (option === null) return;
    option.classList.add("active");
    this.input.setAttribute("aria-activedescendant", option.id);
    if (isScrolled) option.scrollIntoView({ block: "nearest" });
  }
}

const wrapPlain = (members: HTMLElement[]): HTMLElement => h("div", { role: "presentation" }, ...members);

function wrapGroup(name: string, members: HTMLElement[]): HTMLElement {
  return h("div", { role: "group", "aria-label": name }, h("div", { class: "rule-option-group", role: "presentation" }, name), ...members);
}
