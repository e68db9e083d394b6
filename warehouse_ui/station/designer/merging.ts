/// Two people, one draft of a template: it is compared part by part — the page, each style, each element. Pure.

import { getAt, isSame, setAt } from "../editing/paths.ts";
import type { Choice, Difference, Merger } from "../editing/saving.ts";
import { type Template, readPlace } from "./document.ts";

export type Part = unknown;
const NAMED = ["styles", "slots", "flags", "name", "flow"] as const;
const LISTS = ["elements", "flow.elements"] as const;

const listOf = (document: Template, list: string): readonly unknown[] => {
  const found = getAt(document, readPlace(list));
  return Array.isArray(found) ? found : [];
};

/** Elements have no names: they are compared one by one while nobody added or took any away, else as a whole. */
function listKeys(documents: readonly Template[]): string[] {
  const keys = new Set<string>();
  for (const document of documents) {
    for (const key of Object.keys(document)) {
      if (key === "key" || key === "language" || key === "elements") continue;
      if (!(NAMED as readonly string[]).includes(key)) keys.add(key);
      else for (const inner of Object.keys((document as unknown as Record<string, object | null>)[key] ?? {})) if (inner !== "elements") keys.add(`${key}.${inner}`);
    }
  }
  for (const list of LISTS) {
    const lengths = documents.map((document) => listOf(document, list).length);
    if (lengths.every((length) => length === lengths[0])) for (let at = 0; at < lengths[0]!; at++) keys.add(`${list}[${at}]`);
    else keys.add(list);
  }
  return [...keys];
}

const read = (document: Template, key: string): Part | null => getAt(document, readPlace(key)) ?? null;

function put(document: Template, key: string, part: Part | null): Template {
  return setAt(document, readPlace(key), part === null ? undefined : part);
}

function findDifferences(base: Template, mine: Template, theirs: Template): Difference<Part>[] {
  return listKeys([base, mine, theirs]).flatMap((key) => {
    const [before, here, there] = [read(base, key), read(mine, key), read(theirs, key)];
    if (isSame(before, there) || isSame(here, there)) return [];
    return [{ key, base: before, mine: here, theirs: there, isBoth: !isSame(before, here) }];
  });
}

function merge(base: Template, mine: Template, theirs: Template, choices: ReadonlyMap<string, Choice>): Template {
  return listKeys([base, mine, theirs]).reduce((merged, key) => {
    const [before, here, there] = [read(base, key), read(mine, key), read(theirs, key)];
    const isMine = choices.has(key) ? choices.get(key) === "mine" : isSame(before, there) && !isSame(before, here);
    return isMine && !isSame(here, there) ? put(merged, key, here) : merged;
  }, theirs);
}

export const TEMPLATES: Merger<Template, Part> = { clean: (document) => document, findDifferences, merge, put };
