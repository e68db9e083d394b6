/// Changes of a JSON document at a path. Nothing is changed in place: undoing is going back.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Step = string | number;
export type Path = readonly Step[];

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
