/// Somebody else saved: what they changed, rule by rule, line by line, and a choice for each.

import { h, icon } from "../bench/dom.ts";
import type { Rule, RulesetDocument } from "./document.ts";
import type { Editor } from "./editor.ts";
import { compareLines } from "../editing/lines.ts";
import type { Choice, Difference } from "./merging.ts";
import type { Saver } from "../editing/saving.ts";
import { fill } from "./words.ts";

export function buildConflictNotice(editor: Editor, saver: Saver<RulesetDocument, Rule>): HTMLElement | null {
  const { words } = editor;
  const { overtaking } = saver;
  if (overtaking === null) return null;
  const names = overtaking.differences.map((each) => nameOf(editor, each)).join(words.comma);
  const isOpen = saver.standing === "undecided";
  return h("div", { class: `notice ${isOpen ? "bad" : "warn"}`, role: "alert", id: "rule-overtaken" }, icon("people"),
    h("div", { class: "stack tight" },
      h("p", {}, fill(isOpen ? words.bothChanged : words.otherChanged, { who: overtaking.by, names })),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "button small primary", id: "show-differences", click: () => openConflict(editor, saver) }, words.showDifferences),
        isOpen ? null : h("button", { type: "button", class: "button small", click: () => saver.dismiss() }, words.allRight))));
}

const nameOf = (editor: Editor, { mine, theirs, base }: Difference): string => {
  const rule = theirs ?? mine ?? base;
  return rule === null ? "" : `「${editor.teller.name(rule)}」`;
};

export function openConflict(editor: Editor, saver: Saver<RulesetDocument, Rule>): void {
  const { words } = editor;
  const { overtaking } = saver;
  if (overtaking === null) return;
  const parts = overtaking.differences.map((difference, number) => buildDifference(editor, difference, number, overtaking.by));
  const dialog = h("dialog", { class: "rule-conflict", "aria-labelledby": "rule-conflict-title" }) as HTMLDialogElement;
  const decide = (): void => {
    const choices = new Map<string, Choice>(overtaking.differences.map(({ key }, number) => [key, parts[number]!.read()]));
    dialog.close();
    saver.decide(choices);
  };
  dialog.append(h("h2", { id: "rule-conflict-title" }, fill(words.conflictTitle, { who: overtaking.by })),
    h("p", {}, words.conflictLead), ...parts.map(({ element }) => element),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button primary", id: "decide-differences", click: decide }, words.conflictDecide),
      h("button", { type: "button", class: "button", click: () => dialog.close() }, words.later)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function buildDifference(editor: Editor, difference: Difference, number: number, who: string): { element: HTMLElement; read: () => Choice } {
  const { words, teller } = editor;
  const { mine, theirs, isBoth } = difference;
  const lines = compareLines(mine === null ? [] : teller.lines(mine), theirs === null ? [] : teller.lines(theirs));
  const radio = (choice: Choice): HTMLInputElement => h("input", { type: "radio", name: `choice-${number}`, value: choice, checked: choice === "theirs" }) as HTMLInputElement;
  const [yours, own] = [radio("theirs"), radio("mine")];
  const element = h("fieldset", { class: "rule-difference", "data-difference": difference.key },
    h("legend", {}, nameOf(editor, difference), isBoth ? h("span", { class: "badge warn" }, words.both) : null),
    h("ul", { class: "rule-diff" }, ...lines.map((line) => h("li", { class: line.kind },
      line.kind === "same" ? h("span", { "aria-hidden": "true" }, " ") : h("span", { class: "rule-sign" }, h("span", { "aria-hidden": "true" }, line.kind === "gone" ? "−" : "＋"), h("span", { class: "unseen" }, line.kind === "gone" ? words.onlyMine : words.onlyTheirs)),
      line.kind === "gone" ? h("del", {}, line.text) : line.kind === "new" ? h("ins", {}, line.text) : h("span", {}, line.text)))),
    theirs === null ? h("p", { class: "hint" }, fill(words.theyDeleted, { who })) : null,
    h("label", { class: "check" }, yours, h("span", {}, fill(theirs === null ? words.takeDeletion : words.takeTheirs, { who }))),
    h("label", { class: "check" }, own, h("span", {}, words.keepMine)));
  return { element, read: () => (own.checked ? "mine" : "theirs") };
}
