/// Two people, one draft: what the other changed rule by rule, and the document that comes out of each choice. Pure.

import type * as editing from "../editing/saving.ts";
import { type Rule, type RulesetDocument, isSame, withoutBlanks } from "./document.ts";

export type Difference = editing.Difference<Rule>;
export type Choice = editing.Choice;

const byKey = (document: RulesetDocument): Map<string, Rule> => new Map(document.rules.map((rule) => [rule.key, rule]));

/** Returns the rules that the other changed since the base, in their order; those they deleted come last. */
export function findDifferences(base: RulesetDocument, mine: RulesetDocument, theirs: RulesetDocument): Difference[] {
  const [was, own, other] = [byKey(base), byKey(mine), byKey(theirs)];
  return [...new Set([...other.keys(), ...was.keys()])].flatMap((key) => {
    const [before, here, there] = [was.get(key) ?? null, own.get(key) ?? null, other.get(key) ?? null];
    if (isSame(before, there) || isSame(here, there)) return [];
    return [{ key, base: before, mine: here, theirs: there, isBoth: !isSame(before, here) }];
  });
}

/** Returns the document of both: theirs, with what I changed, and for each difference what was chosen (else theirs). */
export function merge(
  base: RulesetDocument, mine: RulesetDocument, theirs: RulesetDocument, choices: ReadonlyMap<string, Choice>,
): RulesetDocument {
  const [was, own, other] = [byKey(base), byKey(mine), byKey(theirs)];
  const pick = (key: string): Rule | null => {
    const chosen = choices.get(key);
    if (chosen !== undefined) return (chosen === "mine" ? own : other).get(key) ?? null;
    const isMine = !isSame(was.get(key) ?? null, own.get(key) ?? null) && isSame(was.get(key) ?? null, other.get(key) ?? null);
    return (isMine ? own : other).get(key) ?? null;
  };
  const isOrderMine = isSame([...was.keys()], [...other.keys()]);
  const order = isOrderMine ? [...own.keys(), ...other.keys()] : [...other.keys(), ...own.keys()];
  const rules = [...new Set(order)].map(pick).filter((rule) => rule !== null);
  const box = isSame(base.box, mine.box) ? theirs.box : mine.box;
  return { format: theirs.format, ...(box === undefined ? {} : { box }), rules };
}

function put(document: RulesetDocument, key: string, wanted: Rule | null): RulesetDocument {
  const place = document.rules.findIndex((rule) => rule.key === key);
  const rules = place < 0 ? (wanted === null ? document.rules : [...document.rules, wanted]) : document.rules.flatMap((rule, at) => (at === place ? (wanted === null ? [] : [wanted]) : [rule]));
  return { ...document, rules };
}

export const RULES: editing.Merger<RulesetDocument, Rule> = { clean: withoutBlanks, findDifferences, merge, put };
