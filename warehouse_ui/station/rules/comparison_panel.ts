/// Everything about one comparison in one window: what narrows it, how it is compared, and with what.

import { h } from "../bench/dom.ts";
import { type Fact, type Operator, type Option, type Parameter, reshape } from "./catalogue.ts";
import type { Comparison, Json } from "./document.ts";
import type { Editor } from "./editor.ts";
import { type Item, Listbox } from "./listbox.ts";
import { type Close, type Content, openPanel } from "../editing/panel.ts";
import { search } from "./searching.ts";
import { fill } from "./words.ts";

interface Entry {
  readonly element: HTMLElement;
  readonly focus: HTMLElement;
  /** The value as it stands in the inputs; undefined while nothing was entered. */
  read(): Json | undefined;
}

/** Opens the window at one of its parts (`op`, `value` or a parameter); what comes out goes to `onKeep`. */
export function openComparison(
  editor: Editor, anchor: Element, comparison: Comparison, part: string, onKeep: (changed: Comparison) => void, after: () => void,
): void {
  const fact = editor.knowledge.fact(comparison.fact);
  if (fact === undefined) return;
  openPanel(anchor, fact.label, (close) => new ComparisonForm(editor, fact, comparison, close).build(part, onKeep), after);
}

class ComparisonForm {
  private op: Operator;
  private value: Entry | null = null;
  private readonly filters = new Map<string, Entry>();
  private readonly valueBox = h("div", { class: "rule-value" });
  private readonly opBox = h("div", { class: "rule-operators", role: "group" });

  constructor(
    private readonly editor: Editor,
    private readonly fact: Fact,
    private readonly comparison: Comparison,
    private readonly close: Close,
  ) {
    const [first] = editor.knowledge.operatorsOf(fact);
    this.op = editor.knowledge.operator(comparison.op) ?? first!;
    this.opBox.setAttribute("aria-label", editor.words.operator);
  }

  build(part: string, onKeep: (changed: Comparison) => void): Content {
    const { fact, editor } = this;
    const needed = fact.parameters.filter(({ required }) => required).map((each) => this.buildFilter(each));
    const filters = fact.parameters.filter(({ required }) => !required).map((each) => this.buildFilter(each));
    this.drawOperators();
    this.drawValue(this.comparison.value);
    const parameter = this.filters.get(part) ?? this.missing();
    const folded = part === "narrow" ? filters.find((each) => each.matches("details")) as HTMLDetailsElement | undefined : undefined;
    if (folded !== undefined && this.filters.size === 0) folded.open = true;
    const start = parameter?.focus ?? (part === "narrow" ? this.filters.values().next().value?.focus : undefined) ?? (part === "op" ? this.opBox.querySelector<HTMLElement>("[aria-pressed=true]") : this.value?.focus);
    return {
      body: [
        h("p", { class: "hint" }, fact.about),
        ...needed,
        this.opBox,
        this.valueBox,
        filters.length > 0 ? h("div", { class: "rule-filters" }, h("h3", {}, editor.words.narrowTitle), ...filters) : null,
        h("div", { class: "actions rule-panel-foot" },
          h("button", { type: "button", class: "button primary", click: () => this.close() }, editor.words.done),
          h("button", { type: "button", class: "button", click: () => this.close(false) }, editor.words.back)),
      ],
      ...(start ? { focus: start } : {}),
      keep: () => onKeep(this.read()),
    };
  }

  /** A filter that the fact cannot do without is asked for first. */
  private missing(): Entry | undefined {
    const needed = this.fact.parameters.find(({ key, required }) => required && this.comparison.with?.[key] === undefined);
    return needed === undefined ? undefined : this.filters.get(needed.key);
  }

  private read(): Comparison {
    const given = this.fact.parameters.flatMap(({ key }) => {
      const value = this.filters.get(key)?.read();
      return value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ? [] : [[key, value] as const];
    });
    const value = this.op.shape === "nothing" ? undefined : this.value?.read();
    return {
      fact: this.fact.key,
      ...(given.length > 0 ? { with: Object.fromEntries(given) } : {}),
      op: this.op.key,
      ...(value === undefined ? {} : { value }),
    };
  }

  private buildFilter(parameter: Parameter): HTMLElement {
    const { words } = this.editor;
    const given = this.comparison.with?.[parameter.key];
    const label = parameter.required ? parameter.label : fill(words.optional, { label: parameter.label });
    if (parameter.type === "days") {
      const entry = this.makeNumber(given, words.daysUnit, 0, 3650, true);
      this.filters.set(parameter.key, entry);
      return h("label", { class: "field" }, h("span", { class: "label" }, parameter.required ? parameter.label : fill(words.daysHint, { label: parameter.label })), entry.element);
    }
    const choices: Option[] = parameter.choices.map((value) => ({ value, label: value }));
    const make = (): Entry => {
      const entry = this.makeTexts(parameter.values, choices, given, parameter.type === "texts", parameter.label);
      this.filters.set(parameter.key, entry);
      return entry;
    };
    if (given === undefined && !parameter.required) return this.buildFolded(label, make);
    const entry = make();
    return h("div", { class: "field" }, h("span", { class: "label" }, label), entry.element);
  }

  /** A filter that is not used asks the server for nothing before it is opened. */
  private buildFolded(label: string, make: () => Entry): HTMLElement {
    const more = h("details", { class: "more" }, h("summary", {}, label)) as HTMLDetailsElement;
    more.addEventListener("toggle", () => {
      if (more.childElementCount > 1) return;
      const entry = make();
      more.append(entry.element);
      entry.focus.focus();
      // The list below it is what was asked for.
      more.scrollIntoView({ block: "start" });
    });
    return more;
  }

  private drawOperators(): void {
    const { editor, fact } = this;
    const list = editor.knowledge.operatorsOf(fact);
    this.opBox.replaceChildren(...list.map((operator) =>
      h("button", {
        type: "button", class: "rule-operator", "aria-pressed": String(operator.key === this.op.key), "data-op": operator.key,
        click: () => this.choose(operator),
      }, nameOperator(operator, fact, editor))));
  }

  private choose(operator: Operator): void {
    const value = reshape(this.value?.read(), this.op.shape, operator.shape);
    this.op = operator;
    this.drawOperators();
    this.drawValue(value);
    (this.value?.focus ?? this.opBox.querySelector<HTMLElement>("[aria-pressed=true]"))?.focus();
  }

  private drawValue(value: Json | undefined): void {
    this.value = this.makeValue(value);
    this.valueBox.replaceChildren(...(this.value === null ? [] : [this.value.element]));
  }

  private makeValue(value: Json | undefined): Entry | null {
    const { fact, op } = this;
    if (op.shape === "nothing") return null;
    if (op.shape === "pair") return this.makePair(value);
    if (fact.type === "boolean") return this.makeBoolean(value);
    if (fact.type === "number" || fact.type === "money" || fact.type === "date") return this.makeScalar(value);
    const isFree = op.key === "contains" || op.key === "starts_with";
    if (isFree || (fact.values === null && fact.choices.length === 0 && op.shape === "one")) return this.makeText(value);
    return this.makeTexts(fact.values, fact.choices, value, op.shape === "texts", fact.label);
  }

  private makeScalar(value: Json | undefined, label = this.editor.words.value): Entry {
    const { fact, editor } = this;
    if (fact.type === "date") return this.makeDate(value, label);
    const unit = fact.type === "money" ? editor.words.yen : fact.unit;
    return this.makeNumber(value, unit, fact.minimum, fact.maximum, fact.type === "money", label);
  }

  private makeNumber(value: Json | undefined, unit: string, low: number | null, high: number | null, isWhole: boolean, label = ""): Entry {
    const input = h("input", {
      type: "text", inputmode: isWhole ? "numeric" : "decimal", autocomplete: "off", value: value === undefined || value === null ? "" : String(value), class: "rule-number",
      ...(label === "" ? {} : { "aria-label": label }), keydown: this.onEnter,
    }) as HTMLInputElement;
    const range = low !== null && high !== null ? `${low.toLocaleString()}〜${high.toLocaleString()}` : "";
    return {
      element: h("span", { class: "rule-with-unit" }, input, unit === "" ? null : h("span", {}, unit), range === "" ? null : h("small", { class: "hint" }, range)),
      focus: input,
      read: () => readNumber(input.value),
    };
  }

  private makeDate(value: Json | undefined, label: string): Entry {
    const input = h("input", { type: "date", value: String(value ?? ""), "aria-label": label, keydown: this.onEnter }) as HTMLInputElement;
    return { element: input, focus: input, read: () => input.value || undefined };
  }

  private makePair(value: Json | undefined): Entry {
    const { words } = this.editor;
    const [low, high] = (Array.isArray(value) ? value : []) as (Json | undefined)[];
    const [from, until] = [this.makeScalar(low ?? undefined, words.from), this.makeScalar(high ?? undefined, words.until)];
    const element = h("span", { class: "rule-pair" }, from.element, h("span", {}, words.to), until.element);
    return { element, focus: from.focus, read: () => (from.read() === undefined && until.read() === undefined ? undefined : [from.read() ?? null, until.read() ?? null]) };
  }

  private makeBoolean(value: Json | undefined): Entry {
    const { words } = this.editor;
    let chosen = value;
    const buttons = [true, false].map((each) => h("button", {
      type: "button", class: "button", "aria-pressed": String(each === value), "data-value": String(each),
      click: () => {
        chosen = each;
        this.close();
      },
    }, each ? words.applies : words.appliesNot));
    const focus = buttons[value === false ? 1 : 0]!;
    return { element: h("div", { class: "rule-two" }, ...buttons), focus, read: () => chosen };
  }

  private makeText(value: Json | undefined): Entry {
    const { words } = this.editor;
    const hint = fill(words.example, { example: String(this.fact.example) });
    const input = h("input", { type: "text", value: String(value ?? ""), "aria-label": words.value, placeholder: hint, keydown: this.onEnter }) as HTMLInputElement;
    return { element: input, focus: input, read: () => input.value.trim() || undefined };
  }

  /** One name or several of a list that the shop knows; others can be typed, and are warned of. */
  private makeTexts(kind: string | null, choices: readonly Option[], value: Json | undefined, isMultiple: boolean, label: string): Entry {
    const { editor } = this;
    const { words, knowledge } = editor;
    let chosen = (Array.isArray(value) ? value.map(String) : value === undefined || value === null ? [] : [String(value)]);
    const tags = h("div", { class: "rule-chosen" });
    const drawTags = (): void => tags.replaceChildren(...chosen.map((each) => this.buildTag(knowledge.nameOf(kind, each, choices), () => toggle(each))));
    const toggle = (name: string): void => {
      chosen = chosen.includes(name) ? chosen.filter((each) => each !== name) : isMultiple ? [...chosen, name] : [name];
      box.choose(chosen);
      drawTags();
    };
    const show = (option: Option): Item => ({ value: option.value, label: option.label, note: option.note, picture: option.picture, words: `${option.note ?? ""} ${option.value}` });
    const isAsked = choices.length === 0 && kind !== null;
    const load = async (query: string): Promise<Item[]> => {
      const options = await editor.server.listValues(kind!, query);
      knowledge.learn(kind!, options);
      drawTags();
      return kind === "products" ? options.map(show) : search(options.map(show), query);
    };
    const box: Listbox = new Listbox({
      label, hint: words.searchValue, nothing: words.nothingFound, items: choices.map(show), chosen, isMultiple,
      ...(isAsked ? { load } : {}),
      ...(choices.length > 0 ? {} : { typed: (text: string): Item => ({ value: text, label: fill(words.useTyped, { text }) }) }),
      onChoose: (name) => {
        toggle(name);
        if (!isMultiple && this.fact.parameters.length === 0) this.close();
      },
      onDone: () => this.close(),
    });
    box.input.addEventListener("keydown", (event) => event.key === "Enter" && event.ctrlKey && this.close());
    drawTags();
    return { element: h("div", { class: "rule-texts" }, isMultiple ? tags : null, box.element), focus: box.input, read: () => (chosen.length === 0 ? undefined : isMultiple ? chosen : chosen[0]) };
  }

  private buildTag(name: string, onRemove: () => void): HTMLElement {
    return h("button", { type: "button", class: "rule-tag", click: onRemove, "aria-label": fill(this.editor.words.takeOut, { name }) }, name, h("span", { "aria-hidden": "true" }, "×"));
  }

  private readonly onEnter = (event: Event): void => {
    const { key, isComposing } = event as KeyboardEvent;
    if (key !== "Enter" || isComposing) return;
    event.preventDefault();
    this.close();
  };
}

/** Fullwidth digits and thousands with commas are numbers too; what is no number stays, so that the check can say so. */
export function readNumber(text: string): Json | undefined {
  const plain = text.normalize("NFKC").trim().replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
  if (plain === "") return undefined;
  const number = Number(plain);
  return Number.isFinite(number) ? number : text.trim();
}

export function nameOperator(operator: Operator, fact: Fact, editor: Editor): string {
  if (fact.type === "boolean" && operator.key === "equals") return editor.words.isKnownTruth;
  return operator.phrase.replace("{fact}", "").replace("{value}", "…").replace(/^\s*[がに](?=…)/, "").replace(/^が/, "").trim();
}
