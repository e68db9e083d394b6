/// Somebody else saved: what they changed, part by part, line by line, and a choice for each.

import { h, icon } from "../bench/dom.ts";
import type { conflictJa } from "./conflict_words.ts";
import { compareLines, type Line } from "./lines.ts";
import type { Choice, Difference, Saver } from "./saving.ts";
import { fill, type Loose } from "./words.ts";

/** How an editor speaks of the parts that two people may change. */
export interface Telling<P> {
  readonly words: Loose<typeof conflictJa> & { readonly comma: string };
  name(difference: Difference<P>): string;
  /** Everything that a part says, a line each. */
  lines(part: P): string[];
  /** Whether lines that both have stand around those that differ. */
  readonly showsSame: boolean;
}

export function buildConflictNotice<D, P>(telling: Telling<P>, saver: Saver<D, P>): HTMLElement | null {
  const { words } = telling;
  const { overtaking } = saver;
  if (overtaking === null) return null;
  const names = overtaking.differences.map((each) => quoteName(telling, each)).join(words.comma);
  const isOpen = saver.standing === "undecided";
  return h("div", { class: `notice ${isOpen ? "bad" : "warn"}`, role: "alert", id: "overtaken" }, icon("people"),
    h("div", { class: "stack tight" },
      h("p", {}, fill(isOpen ? words.bothChanged : words.otherChanged, { who: overtaking.by, names })),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "button small primary", id: "show-differences", click: () => openConflict(telling, saver) }, words.showDifferences),
        isOpen ? null : h("button", { type: "button", class: "button small", click: () => saver.dismiss() }, words.allRight))));
}

const quoteName = <P>(telling: Telling<P>, difference: Difference<P>): string => `「${telling.name(difference)}」`;

export function openConflict<D, P>(telling: Telling<P>, saver: Saver<D, P>): void {
  const { words } = telling;
  const { overtaking } = saver;
  if (overtaking === null) return;
  const parts = overtaking.differences.map((difference, number) => buildDifference(telling, difference, number, overtaking.by));
  const dialog = h("dialog", { class: "conflict", "aria-labelledby": "conflict-title" }) as HTMLDialogElement;
  const decide = (): void => {
    const choices = new Map<string, Choice>(overtaking.differences.map(({ key }, number) => [key, parts[number]!.read()]));
    dialog.close();
    saver.decide(choices);
  };
  dialog.append(h("h2", { id: "conflict-title" }, fill(words.conflictTitle, { who: overtaking.by })),
    h("p", {}, words.conflictLead), ...parts.map(({ element }) => element),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button primary", id: "decide-differences", click: decide }, words.conflictDecide),
      h("button", { type: "button", class: "button", click: () => dialog.close() }, words.later)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function buildDifference<P>(telling: Telling<P>, difference: Difference<P>, number: number, who: string): { element: HTMLElement; read: () => Choice } {
  const { words } = telling;
  const { mine, theirs, isBoth } = difference;
  const lines = compareLines(mine === null ? [] : telling.lines(mine), theirs === null ? [] : telling.lines(theirs));
  const radio = (choice: Choice): HTMLInputElement => h("input", { type: "radio", name: `choice-${number}`, value: choice, checked: choice === "theirs" }) as HTMLInputElement;
  const [yours, own] = [radio("theirs"), radio("mine")];
  const element = h("fieldset", { class: "conflict-part", "data-difference": difference.key },
    h("legend", {}, quoteName(telling, difference), isBoth ? h("span", { class: "badge warn" }, words.both) : null),
    h("ul", { class: "rule-diff" }, ...lines.filter(({ kind }) => telling.showsSame || kind !== "same").map((line) => buildLine(words, line))),
    theirs === null ? h("p", { class: "hint" }, fill(words.theyDeleted, { who })) : null,
    h("label", { class: "check" }, yours, h("span", {}, fill(theirs === null ? words.takeDeletion : words.takeTheirs, { who }))),
    h("label", { class: "check" }, own, h("span", {}, words.keepMine)));
  return { element, read: () => (own.checked ? "mine" : "theirs") };
}

function buildLine(words: Telling<unknown>["words"], { kind, text }: Line): HTMLElement {
  if (kind === "same") return h("li", { class: kind }, h("span", { "aria-hidden": "true" }, " "), h("span", {}, text));
  const [sign, whose, mark] = kind === "gone" ? ["−", words.onlyMine, "del"] as const : ["＋", words.onlyTheirs, "ins"] as const;
  return h("li", { class: kind },
    h("span", { class: "rule-sign" }, h("span", { "aria-hidden": "true" }, sign), h("span", { class: "unseen" }, whose)), h(mark, {}, text));
}
