/// Somebody else saved: what they changed, part by part, and a choice for each.

import { h, icon } from "../bench/dom.ts";
import { compareLines } from "../editing/lines.ts";
import type { Choice, Difference, Saver } from "../editing/saving.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import type { Template, TemplateElement } from "./document.ts";
import type { Part } from "./merging.ts";

type Keeper = Saver<Template, Part>;

export function buildConflictNotice(designer: Designer, saver: Keeper): HTMLElement | null {
  const { words } = designer;
  const { overtaking } = saver;
  if (overtaking === null) return null;
  const names = overtaking.differences.map((each) => `「${nameOf(designer, each)}」`).join(words.comma);
  const isOpen = saver.standing === "undecided";
  return h("div", { class: `notice ${isOpen ? "bad" : "warn"}`, role: "alert", id: "designer-overtaken" }, icon("people"),
    h("div", { class: "stack tight" },
      h("p", {}, fill(isOpen ? words.bothChanged : words.otherChanged, { who: overtaking.by, names })),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "button small primary", id: "show-differences", click: () => openConflict(designer, saver) }, words.showDifferences),
        isOpen ? null : h("button", { type: "button", class: "button small", click: () => saver.dismiss() }, words.allRight))));
}

function nameOf(designer: Designer, { key, mine, theirs, base }: Difference<Part>): string {
  const part = (theirs ?? mine ?? base) as TemplateElement | null;
  if (/\[\d+\]$/.test(key) && part !== null) return designer.name(part);
  const [section = key, name] = key.split(".");
  const title = designer.words.parts[section as keyof typeof designer.words.parts] ?? section;
  return name === undefined ? title : `${title} ${name}`;
}

/** Everything that a part says, a line each. */
function tell(designer: Designer, part: Part, where = ""): string[] {
  if (part === null || typeof part !== "object") return [`${where}${String(part ?? "—")}`];
  if (Array.isArray(part)) return part.flatMap((each) => (typeof each === "object" && each !== null && "type" in each ? [designer.name(each as TemplateElement)] : tell(designer, each, where)));
  const { words } = designer;
  const names: Record<string, string> = { ...words.sides, ...words.parts, x: words.fromLeft, y: words.fromTop, margins: words.margins, format: words.format, orientation: words.orientation, width: words.width, height: words.height, columns: words.columns };
  const fields = new Map(designer.kit.types.flatMap(({ fields }) => fields).map(({ key, label }) => [key, label]));
  return Object.entries(part).flatMap(([key, value]) => {
    const label = fields.get(key) ?? names[key] ?? key;
    return typeof value === "object" && value !== null ? tell(designer, value, `${where}${label} `) : [`${where}${label}: ${typeof value === "string" ? designer.tell(value) : String(value)}`];
  });
}

export function openConflict(designer: Designer, saver: Keeper): void {
  const { words } = designer;
  const { overtaking } = saver;
  if (overtaking === null) return;
  const parts = overtaking.differences.map((difference, number) => buildDifference(designer, difference, number, overtaking.by));
  const dialog = h("dialog", { class: "rule-conflict", "aria-labelledby": "designer-conflict-title" }) as HTMLDialogElement;
  const decide = (): void => {
    const choices = new Map<string, Choice>(overtaking.differences.map(({ key }, number) => [key, parts[number]!.read()]));
    dialog.close();
    saver.decide(choices);
  };
  dialog.append(h("h2", { id: "designer-conflict-title" }, fill(words.conflictTitle, { who: overtaking.by })),
    h("p", {}, words.conflictLead), ...parts.map(({ element }) => element),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "button primary", id: "decide-differences", click: decide }, words.conflictDecide),
      h("button", { type: "button", class: "button", click: () => dialog.close() }, words.later)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function buildDifference(designer: Designer, difference: Difference<Part>, number: number, who: string): { element: HTMLElement; read: () => Choice } {
  const { words } = designer;
  const { mine, theirs, isBoth } = difference;
  const lines = compareLines(mine === null ? [] : tell(designer, mine), theirs === null ? [] : tell(designer, theirs)).filter(({ kind }) => kind !== "same");
  const radio = (choice: Choice): HTMLInputElement => h("input", { type: "radio", name: `choice-${number}`, value: choice, checked: choice === "theirs" }) as HTMLInputElement;
  const [yours, own] = [radio("theirs"), radio("mine")];
  const element = h("fieldset", { class: "rule-difference", "data-difference": difference.key },
    h("legend", {}, nameOf(designer, difference), isBoth ? h("span", { class: "badge warn" }, words.both) : null),
    h("ul", { class: "rule-diff" }, ...lines.map((line) => h("li", { class: line.kind },
      h("span", { class: "rule-sign" }, h("span", { "aria-hidden": "true" }, line.kind === "gone" ? "−" : "＋"), h("span", { class: "unseen" }, line.kind === "gone" ? words.onlyMine : words.onlyTheirs)),
      line.kind === "gone" ? h("del", {}, line.text) : h("ins", {}, line.text)))),
    h("label", { class: "check" }, yours, h("span", {}, fill(words.takeTheirs, { who }))),
    h("label", { class: "check" }, own, h("span", {}, words.keepMine)));
  return { element, read: () => (own.checked ? "mine" : "theirs") };
}
