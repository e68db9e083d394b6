/// A rule in words: as parts that can be pressed, and as plain lines for lists, differences and names.

import { type Fact, type Knowledge, type Operator, type Parameter } from "./catalogue.ts";
import type { Action, Comparison, Condition, Json, Limit, Rule, Texts } from "./document.ts";
import { isComparison, isGroup, joinOf, partsOf } from "./tree.ts";
import { type Words, fill } from "./words.ts";

export interface Part {
  /** What is pressed: fact, op, value, or the key of a parameter; none for plain words. */
  readonly role: string | null;
  readonly text: string;
  /** Still to be chosen. */
  readonly isOpen?: boolean;
}
const LONGEST_LIST = 4;
const plain = (text: string): Part => ({ role: null, text });

export class Teller {
  constructor(
    readonly knowledge: Knowledge,
    readonly words: Words,
    readonly language: string,
  ) {}

  /** Japanese: filters, fact, value, operator. English: fact, filters, operator, value. */
  comparison(comparison: Comparison): Part[] {
    const fact = this.knowledge.fact(comparison.fact);
    if (fact === undefined) return [{ role: "fact", text: comparison.fact || this.words.chooseFact, isOpen: true }];
    const name: Part = { role: "fact", text: fact.label };
    const filters = this.filters(fact, comparison);
    const start = this.language === "ja" ? [...filters, name] : [name, ...filters];
    if (fact.type === "boolean" && comparison.op === "equals") return [...start, ...this.yesOrNo(comparison)];
    const operator = this.knowledge.operator(comparison.op);
    return operator === undefined ? [...start, { role: "op", text: this.words.chooseOperator, isOpen: true }] : [...start, ...this.predicate(fact, operator, comparison)];
  }

  private yesOrNo(comparison: Comparison): Part[] {
    const text = comparison.value === true ? this.words.applies : comparison.value === false ? this.words.appliesNot : this.words.chooseValue;
    return [plain(this.words.isSo), { role: "value", text, isOpen: typeof comparison.value !== "boolean" }];
  }

  private predicate(fact: Fact, operator: Operator, comparison: Comparison): Part[] {
    const [, middle = "", end = ""] = operator.phrase.split(/\{fact\}|\{value\}/);
    const particle = /^[がにはを]/.exec(middle)?.[0] ?? "";
    const value: Part = { role: "value", text: this.value(fact, comparison.value, operator) || this.words.chooseValue, isOpen: this.isValueOpen(comparison.value) };
    const op: Part = { role: "op", text: (middle.slice(particle.length) + end).trim() };
    if (operator.shape === "nothing") return [plain(particle), op];
    return this.language === "ja" ? [plain(particle), value, op] : [op, value];
  }

  private isValueOpen(value: Json | undefined): boolean {
    return value === undefined || value === "" || value === null || (Array.isArray(value) && (value.length === 0 || value.includes(null)));
  }

  private filters(fact: Fact, comparison: Comparison): Part[] {
    return fact.parameters.flatMap((parameter) => {
      const given = comparison.with?.[parameter.key];
      if (given === undefined && !parameter.required) return [];
      const text = given === undefined ? fill(this.words.chooseFilter, { filter: parameter.label }) : this.filter(fact, parameter, given);
      const part: Part = { role: parameter.key, text, isOpen: given === undefined };
      return this.language === "ja" ? [part, plain(this.words.of)] : [plain(this.words.of), part];
    });
  }

  private filter(fact: Fact, parameter: Parameter, given: Json): string {
    if (parameter.type === "days") {
      const isPast = parameter.key === "days" && fact.group !== "prediction";
      return fill(isPast ? this.words.lastDays : this.words.someDays, { days: String(given), filter: parameter.label });
    }
    const listed = (Array.isArray(given) ? given : [given]).map((each) => this.knowledge.nameOf(parameter.values, String(each)));
    return `${parameter.label}: ${this.list(listed)}`;
  }

  value(fact: Fact, value: Json | undefined, operator: Operator): string {
    if (value === undefined || value === null || value === "") return "";
    if (Array.isArray(value)) {
      const told = value.map((each) => this.one(fact, each as Json));
      return operator.shape === "pair" ? told.join(this.words.to) : this.list(told);
    }
    return this.one(fact, value);
  }

  private one(fact: Fact, value: Json): string {
    if (typeof value === "number") {
      const number = value.toLocaleString(this.language);
      if (fact.type === "money") return this.language === "ja" ? `${number}円` : `¥${number}`;
      return fact.unit === "" ? number : this.language === "ja" ? number + fact.unit : `${number} ${fact.unit}`;
    }
    if (typeof value === "boolean") return value ? this.words.yes : this.words.no;
    const name = this.knowledge.nameOf(fact.values, String(value), fact.choices);
    return fact.type === "date" ? this.day(name) : name;
  }

  day(text: string): string {
    const [year, month, day] = text.split("-");
    return day === undefined ? text : `${year}/${Number(month)}/${Number(day)}`;
  }

  list(names: readonly string[]): string {
    const more = names.length - LONGEST_LIST;
    return names.slice(0, LONGEST_LIST).join(this.words.comma) + (more > 0 ? fill(this.words.andMore, { count: more }) : "");
  }

  /** The whole condition as one sentence. */
  condition(node: Condition, isOuter = true): string {
    if ("always" in node) return this.words.always;
    if (isComparison(node)) return this.join(this.comparison(node));
    if (!isGroup(node)) return fill(this.words.notSo, { part: this.condition(node.not, false) });
    const parts = partsOf(node);
    if (parts.length === 0) return this.words.noCondition;
    const text = parts.map((part) => this.condition(part, false)).join(joinOf(node) === "all" ? this.words.andBetween : this.words.orBetween);
    return isOuter || parts.length === 1 ? text : fill(this.words.bracket, { text });
  }

  private join(parts: readonly Part[]): string {
    const shown = parts.filter((part) => part.text !== "").map(({ text }) => text);
    return this.language === "ja" ? shown.join("") : shown.join(" ").replace(" :", ":");
  }

  /** What one action does, as a phrase: an icon and words. */
  action(action: Action, isNamed = false): { icon: string; text: string } {
    const { words } = this;
    const name = (isNamed ? undefined : this.knowledge.insert(action["insert"])?.label) ?? String(action["insert"] ?? words.unset);
    const template = (isNamed ? undefined : this.knowledge.template(action["template"])?.label) ?? String(action["template"] ?? words.unset);
    const quantity = Number(action["quantity"] ?? 1);
    const slot = this.knowledge.catalogue.slots.find(({ key }) => key === action["slot"])?.label ?? String(action["slot"] ?? words.unset);
    const told: Record<string, [string, string]> = {
      enclose: ["gift", fill(quantity === 1 ? words.tellEnclose : words.tellEncloseMany, { name, quantity })],
      task: ["hand", fill(words.tellTask, { name })],
      letter: ["letter", fill(words.tellLetter, { name: template })],
      slip: ["slip", fill(words.tellSlip, { name: template })],
      message: ["speech", fill(words.tellMessage, { name: slot })],
      flag: ["flag", fill(words.tellFlag, { name: String(action["flag"] ?? words.unset) })],
      tag: ["label", fill(words.tellTag, { name: String(action["tag"] ?? words.unset) })],
      priority: ["up", fill(words.tellPriority, { value: String(action["value"] ?? words.unset) })],
      hold: ["pause", words.tellHold],
      recommend: ["heart", fill(words.tellRecommend, { count: String(action["count"] ?? words.unset) })],
      coupon: ["ticket", fill(words.tellCoupon, { name: this.knowledge.nameOf("coupon_series", String(action["series"] ?? words.unset)) })],
    };
    const [icon, text] = told[action.do] ?? ["warning", action.do];
    return { icon, text };
  }

  /** The same in this teller's own language: the catalogue's names are in the reader's. */
  shortAction(action: Action): string {
    const language = this.language === "ja" ? "ja" : "en";
    const insert = this.knowledge.insert(action["insert"])?.names[language];
    const template = this.knowledge.template(action["template"])?.names[language];
    return this.action({ ...action, ...(insert === undefined ? {} : { insert }), ...(template === undefined ? {} : { template }) }, true).text;
  }

  limit(limit: Limit): string {
    if (limit.overall !== undefined) return fill(this.words.limitOverall, { count: limit.overall.toLocaleString(this.language) });
    const count = limit.per_customer ?? 0;
    if (limit.within_days !== undefined) return fill(this.words.limitWindow, { count, days: limit.within_days });
    return count === 1 ? this.words.limitOnce : fill(this.words.limitCustomer, { count });
  }

  valid(valid: Rule["valid"]): string {
    if (valid?.from !== undefined && valid.until !== undefined) return fill(this.words.validBetween, { from: this.day(valid.from), until: this.day(valid.until) });
    if (valid?.from !== undefined) return fill(this.words.validFrom, { from: this.day(valid.from) });
    return valid?.until === undefined ? this.words.validAlways : fill(this.words.validUntil, { until: this.day(valid.until) });
  }

  name(rule: Rule): string {
    return rule.name[this.language === "ja" ? "ja" : "en"] || rule.name.ja || this.words.unnamed;
  }

  /** A rule as lines that two versions of it are compared by. */
  lines(rule: Rule): string[] {
    const { words } = this;
    return [
      fill(words.lineName, { name: this.name(rule) }),
      ...(rule.enabled === false ? [words.lineOff] : []),
      fill(words.lineWhen, { text: this.condition(rule.when) }),
      ...rule.then.map((action) => fill(words.lineThen, { text: this.action(action).text + this.texts(action) })),
      ...(rule.limits ?? []).map((limit) => this.limit(limit)),
      ...(rule.valid === undefined ? [] : [this.valid(rule.valid)]),
      ...(rule.group === undefined ? [] : [fill(words.lineGroup, { group: rule.group })]),
      ...(rule.audience === "recipient" ? [words.lineRecipient] : []),
      ...(rule.gifts === undefined || rule.gifts === "careful" ? [] : [rule.gifts === "never" ? words.giftsNever : words.giftsAlways]),
      ...(rule.purposes ?? []).map((key) => fill(words.linePurpose, { purpose: this.knowledge.nameOf("purposes", key) })),
    ];
  }

  private texts(action: Action): string {
    const pairs = [action["text"], action["reason"], ...Object.values((action["slots"] ?? {}) as Record<string, unknown>)] as (Texts | undefined)[];
    const told = pairs.map((pair) => pair?.[this.language === "ja" ? "ja" : "en"]).filter(Boolean);
    return told.length === 0 ? "" : `: ${told.join(" / ")}`;
  }
}
