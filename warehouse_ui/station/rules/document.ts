/// A ruleset as the server keeps it, and changes of it at a path. Nothing is changed in place: undoing is going back.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Step = string | number;
export type Path = readonly Step[];
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

/** The path as problems of the server name places: $.rules[0].when.all[1].value */
export function showPlace(path: Path): string {
  return path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : `${text}.${step}`), "$");
}

export function isWithin(place: string, outer: string): boolean {
  return place === outer || place.startsWith(`${outer}.`) || place.startsWith(`${outer}[`);
}

export function getAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner === null || typeof inner !== "object" ? undefined : (inner as Record<Step, unknown>)[step]), value);
}

/** Puts a value at a path; undefined takes the key away. */
export function setAt<T>(root: T, path: Path, value: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return value as T;
  if (Array.isArray(root)) return root.map((each, index) => (index === step ? setAt(each, rest, value) : each)) as T;
  const copy = { ...(root as Record<Step, unknown>) };
  const inner = rest.length === 0 ? value : setAt(copy[step] ?? {}, rest, value);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy as T;
}

export function insertAt<T>(list: readonly T[], index: number, ...added: T[]): T[] {
  return [...list.slice(0, index), ...added, ...list.slice(index)];
}

export function removeAt<T>(list: readonly T[], index: number): T[] {
  return [...list.slice(0, index), ...list.slice(index + 1)];
}

/** Moves one member so that it stands at `to` in the list without it. */
export function moveTo<T>(list: readonly T[], from: number, to: number): T[] {
  const moved = list[from];
  return moved === undefined ? [...list] : insertAt(removeAt(list, from), Math.max(0, Math.min(to, list.length - 1)), moved);
}

/** Where the path last has a number: which member of which list it leads to; -1 for none. */
export function findNumber(path: Path): number {
  for (let at = path.length - 1; at >= 0; at--) if (typeof path[at] === "number") return at;
  return -1;
}

/** Equal as JSON, whatever the order of the keys. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  const pairs = [one, other] as [Record<string, unknown>, Record<string, unknown>];
  return keys.length === Object.keys(other).length && keys.every((key) => key in pairs[1] && isSame(pairs[0][key], pairs[1][key]));
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
