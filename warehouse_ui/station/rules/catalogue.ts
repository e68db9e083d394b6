/// What rules may ask and do, as the server tells it, and finding things in it.

import type { Comparison, Json, Texts } from "./document.ts";

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
  readonly picture?: string | null;
}
export interface Parameter {
  readonly key: string;
  readonly type: "days" | "text" | "texts" | string;
  readonly label: string;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly values: string | null;
}
export type FactType = "number" | "money" | "date" | "text" | "choice" | "boolean" | "text_set";
export interface Fact {
  readonly key: string;
  readonly group: string;
  readonly type: FactType;
  readonly label: string;
  readonly about: string;
  readonly words: string;
  readonly as_of: string;
  readonly example: Json;
  readonly unit: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly personal: boolean;
  readonly choices: readonly Option[];
  readonly values: string | null;
  readonly parameters: readonly Parameter[];
}
export type Shape = "nothing" | "one" | "pair" | "texts";
export interface Operator {
  readonly key: string;
  readonly types: readonly FactType[];
  readonly shape: Shape;
  readonly phrase: string;
}
export interface Insert {
  readonly key: string;
  readonly label: string;
  readonly names: Texts;
  readonly words: string;
  readonly kind: string;
  readonly kind_label: string;
  readonly active: boolean;
  readonly picture: string | null;
  readonly available: number | null;
}
export interface Slot {
  readonly key: string;
  readonly label: string;
  readonly needed?: boolean;
}
export interface Template {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly names: Texts;
  readonly slots: readonly Slot[];
}
export interface Placeholder {
  readonly key: string;
  readonly label: string;
  readonly example: string;
}
export interface Catalogue {
  readonly groups: readonly { key: string; label: string }[];
  readonly facts: readonly Fact[];
  readonly operators: readonly Operator[];
  readonly inserts: readonly Insert[];
  readonly templates: readonly Template[];
  readonly slots: readonly Slot[];
  readonly purposes: readonly { key: string; label: string }[];
  readonly placeholders: readonly Placeholder[];
  readonly experiments?: readonly { key: string; label: string; is_over?: boolean; arms: readonly { key: string; label: string }[] }[];
  readonly lists: { readonly [kind: string]: readonly Option[] };
}

/** The catalogue with names learned later (of products), asked for by key. */
export class Knowledge {
  private readonly facts: Map<string, Fact>;
  private readonly operators: Map<string, Operator>;
  private readonly names = new Map<string, Map<string, string>>();

  constructor(readonly catalogue: Catalogue) {
    this.facts = new Map(catalogue.facts.map((fact) => [fact.key, fact]));
    this.operators = new Map(catalogue.operators.map((operator) => [operator.key, operator]));
    for (const [kind, options] of Object.entries(catalogue.lists)) this.learn(kind, options);
    this.learn("inserts", catalogue.inserts.map(({ key, label }) => ({ value: key, label })));
  }

  learn(kind: string, options: readonly Option[]): void {
    const known = this.names.get(kind) ?? new Map<string, string>();
    for (const option of options) known.set(option.value, option.label);
    this.names.set(kind, known);
  }

  fact(key: string): Fact | undefined {
    return this.facts.get(key);
  }

  operator(key: string): Operator | undefined {
    return this.operators.get(key);
  }

  insert(key: unknown): Insert | undefined {
    return this.catalogue.inserts.find((insert) => insert.key === key);
  }

  template(key: unknown): Template | undefined {
    return this.catalogue.templates.find((template) => template.key === key);
  }

  operatorsOf(fact: Fact): Operator[] {
    return this.catalogue.operators.filter((operator) => operator.types.includes(fact.type));
  }

  nameOf(kind: string | null, value: string, choices: readonly Option[] = []): string {
    return choices.find((choice) => choice.value === value)?.label ?? (kind === null ? undefined : this.names.get(kind)?.get(value)) ?? value;
  }

  isNamed(kind: string, value: string): boolean {
    return this.names.get(kind)?.has(value) ?? false;
  }

  /** What one most often means by this fact: at least so much money, any of these goods, one of these texts. */
  start(fact: Fact): Comparison {
    const wanted: Partial<Record<FactType, string>> = { money: "at_least", text_set: "has_any", date: "on_or_after" };
    const possible = this.operatorsOf(fact).map(({ key }) => key);
    const listed = fact.values !== null && fact.type === "text" ? "one_of" : undefined;
    const history = fact.group === "history" && fact.type === "number" ? "at_least" : undefined;
    const op = [listed, history, wanted[fact.type], possible[0]].find((key) => key !== undefined && possible.includes(key)) ?? "equals";
    return fact.type === "boolean" ? { fact: fact.key, op, value: true } : { fact: fact.key, op };
  }
}

/** What a comparison's value becomes under another operator: a list of one is one, and the other way round. */
export function reshape(value: Json | undefined, from: Shape, to: Shape): Json | undefined {
  if (value === undefined || from === to) return value;
  if (to === "nothing") return undefined;
  const first = Array.isArray(value) ? (value[0] as Json | undefined) : value;
  if (to === "one") return first;
  if (first === undefined) return undefined;
  return to === "texts" ? (typeof first === "string" ? [first] : undefined) : undefined;
}
