/// A ruleset as the server keeps it.

import type { Json } from "../editing/paths.ts";

export { type Json, type Path, type Step, findNumber, getAt, insertAt, isSame, isWithin, moveTo, removeAt, setAt, showPlace } from "../editing/paths.ts";
export interface Texts {
  readonly ja: string;
  readonly en: string;
}
export interface Comparison {
  readonly fact: string;
  readonly with?: { readonly [key: string]: Json };
  readonly op: string;
  readonly value?: Json;
}
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly always: true }
  | Comparison;
export type Join = "all" | "any";
export interface Action {
  readonly do: string;
  readonly [key: string]: Json;
}
export interface Limit {
  readonly per_customer?: number;
  readonly within_days?: number;
  readonly overall?: number;
}
export interface Rule {
  readonly key: string;
  readonly name: Texts;
  readonly when: Condition;
  readonly then: readonly Action[];
  readonly enabled?: boolean;
  readonly audience?: string;
  readonly gifts?: string;
  readonly purposes?: readonly string[];
  readonly limits?: readonly Limit[];
  readonly group?: string;
  readonly valid?: { readonly from?: string; readonly until?: string };
  readonly [key: string]: unknown;
}
export interface RulesetDocument {
  readonly format: number;
  readonly box?: { readonly [name: string]: number };
  readonly rules: readonly Rule[];
}

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

/** A key nobody had before: limits count by it, so it is never that of a rule that was deleted. */
export function makeKey(): string {
  return `rule-${[...crypto.getRandomValues(new Uint8Array(8))].map((byte) => LETTERS[byte % LETTERS.length]).join("")}`;
}

/** A new rule in which nothing was entered yet: it is not kept when the page is left. */
export function isBlank({ when, then, name }: Rule): boolean {
  return then.length === 0 && "all" in when && when.all.length === 0 && name.ja === "" && name.en === "";
}

export function withoutBlanks(document: RulesetDocument): RulesetDocument {
  return document.rules.some(isBlank) ? { ...document, rules: document.rules.filter((rule) => !isBlank(rule)) } : document;
}

export function makeRule(): Rule {
  return { key: makeKey(), name: { ja: "", en: "" }, when: { all: [] }, then: [] };
}
