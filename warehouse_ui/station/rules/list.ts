/// All rules in order of priority, each in words.

import { h, icon } from "../bench/dom.ts";
import { type Rule, type RulesetDocument, insertAt, makeKey, moveTo, removeAt, setAt, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { askNumber } from "./inputs.ts";
import type { Problem } from "./server.ts";
import { openMenu } from "./menu.ts";
import { fill } from "./words.ts";

export function buildList(editor: Editor, startNew: (anchor: Element) => void, startGallery: (anchor: Element) => void): HTMLElement {
  const { words } = editor;
  const rows = editor.rules.map((rule, number) => buildRow(editor, rule, number));
  const start = h("div", { class: "actions" },
    h("button", { type: "button", class: "button primary", id: "new-rule", "data-focus": "new-rule", click: (event) => startNew(event.currentTarget as Element) }, icon("plus"), words.newRule),
    h("button", { type: "button", class: "button", id: "from-gallery", "data-focus": "from-gallery", click: (event) => startGallery(event.currentTarget as Element) }, icon("leaf"), words.fromGallery));
  if (rows.length === 0) {
    return h("section", { class: "card rule-empty" }, icon("rules"), h("h2", {}, words.emptyTitle), h("p", {}, words.emptyHint), start);
  }
  return h("div", { class: "stack" },
    h("div", { class: "rule-list-head" }, h("p", { class: "page-lead" }, words.listLead), start),
    h("section", { class: "card flush", "aria-label": words.listTitle }, h("ol", { class: "rule-list", id: "rule-list" }, ...rows)),
    buildBox(editor));
}

function countByRule(found: readonly Problem[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { place } of found) {
    const number = Number(/^\$\.rules\[(\d+)\]/.exec(place)?.[1] ?? -1);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

/** Puts the counts of what was found into the rows that stand: a row drawn anew under a finger would lose the press. */
export function showCounts(editor: Editor, root: HTMLElement): void {
  const { words } = editor;
  const problems = countByRule(editor.findings.problems);
  const advice = countByRule(editor.findings.advice.filter(({ severity }) => severity === "warning"));
  for (const box of root.querySelectorAll<HTMLElement>("[data-counts]")) {
    const number = Number(box.dataset["counts"]);
    const [wrong, said] = [problems.get(number) ?? 0, advice.get(number) ?? 0];
    box.replaceChildren(...[
      wrong > 0 ? h("span", { class: "badge bad" }, icon("warning"), fill(words.problemCount, { count: wrong })) : null,
      said > 0 ? h("span", { class: "badge warn" }, icon("info"), fill(words.adviceCount, { count: said })) : null,
    ].filter((badge) => badge !== null));
  }
}

function buildRow(editor: Editor, rule: Rule, number: number): HTMLElement {
  const { words, teller } = editor;
  const name = teller.name(rule);
  const isOn = rule.enabled !== false;
  const open = (event: Event): void => {
    event.preventDefault();
    editor.show(rule.key);
  };
  return h("li", {
    class: `rule-card${isOn ? "" : " off"}`, "data-rule": rule.key, "data-move": "rule", "data-path": JSON.stringify([number]), "data-drop": "[]", "data-number": String(number), "data-kind": "rule",
  },
    h("button", { type: "button", class: "rule-handle", "data-handle": "rule", "data-focus": `handle:${rule.key}`, "aria-label": fill(words.handleRule, { number: number + 1, name }), title: words.handleHint }, icon("grip"), h("span", { class: "number" }, String(number + 1))),
    h("div", { class: "rule-card-text" },
      h("p", { class: "row" },
        h("a", { class: "row-link", href: `/rules/${rule.key}/edit`, "data-focus": `rule:${rule.key}`, click: open }, name),
        isOn ? null : h("span", { class: "badge calm" }, icon("pause"), words.off),
        h("span", { class: "row", "data-counts": String(number) })),
      h("p", { class: "rule-told" }, fill("always" in rule.when ? words.tellAlways : words.tellWhen, { text: teller.condition(rule.when) })),
      h("p", { class: "row" }, ...rule.then.map((action) => {
        const told = teller.action(action);
        return h("span", { class: "badge info" }, icon(told.icon), told.text);
      }), ...(rule.limits ?? []).map((limit) => h("span", { class: "badge calm" }, icon("repeat"), teller.limit(limit))),
      rule.group === undefined ? null : h("span", { class: "badge calm" }, icon("stack"), rule.group))),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "rule-switch", role: "switch", "aria-checked": String(isOn), "data-focus": `switch:${rule.key}`, "aria-label": fill(words.switchOf, { name }), click: () => toggle(editor, number) }, h("span", { "aria-hidden": "true" })),
      h("button", { type: "button", class: "rule-tool", "data-focus": `menu:${rule.key}`, "aria-label": fill(words.moreFor, { name }), title: words.more, click: (event) => openRowMenu(editor, event.currentTarget as Element, rule, number) }, icon("more"))));
}

export function toggle(editor: Editor, number: number): void {
  const rule = editor.rules[number]!;
  const isOff = rule.enabled === false;
  editor.store.change(setAt(editor.document, ["rules", number, "enabled"], isOff ? undefined : false), editor.words.didSwitch);
  editor.say(fill(isOff ? editor.words.saidOn : editor.words.saidOff, { name: editor.teller.name(rule) }));
}

export function removeRule(editor: Editor, number: number): void {
  const name = editor.teller.name(editor.rules[number]!);
  const next = editor.rules[number + 1] ?? editor.rules[number - 1];
  editor.focus = next === undefined ? "new-rule" : `handle:${next.key}`;
  editor.open = null;
  editor.setRules(removeAt(editor.rules, number), fill(editor.words.didDelete, { name }));
  editor.show(null);
  editor.toast(fill(editor.words.didDelete, { name }));
}

export function duplicateRule(editor: Editor, number: number): void {
  const rule = editor.rules[number]!;
  const copy: Rule = { ...structuredClone(rule), key: makeKey(), name: { ja: fill(editor.words.copyJa, { name: rule.name.ja }), en: fill(editor.words.copyEn, { name: rule.name.en }) }, enabled: false };
  editor.focus = `handle:${copy.key}`;
  editor.setRules(insertAt(editor.rules, number + 1, copy), editor.words.duplicate);
  editor.toast(fill(editor.words.didCopy, { name: editor.teller.name(rule) }));
}

export function moveRule(editor: Editor, number: number, to: number): void {
  const rule = editor.rules[number];
  if (rule === undefined || to < 0 || to >= editor.rules.length || to === number) return editor.say(editor.words.noFurther);
  const name = editor.teller.name(rule);
  editor.focus = `handle:${rule.key}`;
  editor.setRules(moveTo(editor.rules, number, to), fill(editor.words.didMove, { name }));
  editor.say(fill(editor.words.saidMovedRule, { name, number: to + 1, count: editor.rules.length }));
}

function openRowMenu(editor: Editor, anchor: Element, rule: Rule, number: number): void {
  const { words } = editor;
  editor.focus = `menu:${rule.key}`;
  openMenu(editor, anchor, editor.teller.name(rule), [
    { icon: "pencil", text: words.edit, act: () => editor.show(rule.key) },
    { icon: "up", text: words.moveUp, keys: "Alt+↑", isOff: number === 0, act: () => moveRule(editor, number, number - 1) },
    { icon: "down", text: words.moveDown, keys: "Alt+↓", isOff: number === editor.rules.length - 1, act: () => moveRule(editor, number, number + 1) },
    { icon: "up", text: words.moveFirst, isOff: number === 0, act: () => moveRule(editor, number, 0) },
    { icon: "plus", text: words.duplicate, act: () => duplicateRule(editor, number) },
    { icon: "trash", text: words.deleteRule, act: () => removeRule(editor, number) },
  ]);
}

const BOX = ["pieces", "grams", "millimetres", "cost"] as const;

/** How much all inserts of one parcel together may take up. */
function buildBox(editor: Editor): HTMLElement {
  const { words } = editor;
  const box: NonNullable<RulesetDocument["box"]> = editor.document.box ?? {};
  const set = (name: string, value: unknown): void => {
    const changed = { ...box, [name]: value } as Record<string, unknown>;
    if (value === undefined) delete changed[name];
    editor.store.change({ ...editor.document, box: changed } as RulesetDocument, words.didBox);
    if (Object.keys(changed).length === 0) editor.store.change(setAt(editor.document, ["box"], undefined), words.didBox);
  };
  const chips = BOX.map((name) => h("button", {
    type: "button", class: `chip value${box[name] === undefined ? " quiet" : ""}`, "data-focus": `box:${name}`, "data-place": showPlace(["box", name]), "aria-haspopup": "dialog",
    click: (event) => {
      editor.focus = `box:${name}`;
      askNumber(editor, event.currentTarget as Element, words.boxNames[name], box[name] ?? ("" as unknown as number), 0, 1_000_000, (value) => set(name, value));
    },
  }, box[name] === undefined ? fill(words.boxNone, { name: words.boxNames[name] }) : fill(words.boxMost[name], { count: box[name].toLocaleString(editor.language) })));
  return h("section", { class: "card", "data-place": "$.box" }, h("h2", {}, words.boxTitle), h("p", { class: "rule-sentence" }, h("span", { class: "rule-word" }, words.boxLead), ...chips), h("div", { "data-messages": "" }));
}
