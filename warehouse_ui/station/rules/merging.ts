/// Two people, one draft: what the other changed rule by rule, and the document that comes out of each choice. Pure.

import { type Rule, type RulesetDocument, isSame } from "./document.ts";

export interface Difference {
  readonly key: string;
  readonly base: Rule | null;
  readonly mine: Rule | null;
  readonly theirs: Rule | null;
  /** Both changed it, and not alike: a person decides. */
  readonly isBoth: boolean;
}
export type Choice = "mine" | "theirs";

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

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** Lines of one text against those of another, by the longest common sequence. */
export function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  const length = before.map(() => after.map(() => 0));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      length[i]![j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      lines.push({ kind: "same", text: before[i]! });
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) lines.push({ kind: "gone", text: before[i++]! });
    else lines.push({ kind: "new", text: after[j++]! });
  }
  return lines;
}
