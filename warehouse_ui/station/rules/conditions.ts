/// The conditions of the open rule: rows that read as a sentence, groups in groups.

import { h, icon } from "../bench/dom.ts";
import { openComparison } from "./comparison_panel.ts";
import { type Comparison, type Condition, type Path, findNumber, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { Listbox } from "./listbox.ts";
import { openMenu } from "./menu.ts";
import { openPanel } from "../editing/panel.ts";
import * as tree from "./tree.ts";
import { fill } from "./words.ts";

export function buildConditions(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const when = rule!.when;
  const isAlways = "always" in when;
  const body = isAlways
    ? h("p", { class: "rule-row" }, h("button", { ...key("always"), type: "button", class: "chip", click: () => editor.setTree({ all: [] }, words.didAlways) }, words.always))
    : buildGroup(editor, tree.isGroup(when) ? when : { all: [when] }, tree.isGroup(when) ? [] : null, 0);
  return h("section", { class: "rule-when", "aria-labelledby": "rule-when", "data-place": showPlace(["rules", editor.index, "when"]) },
    h("h2", { id: "rule-when" }, words.when), body,
    isAlways || tree.partsOf(tree.rooted(when)).length > 0 ? null
      : h("button", { type: "button", class: "button small quiet", click: () => editor.setTree({ always: true }, words.didAlways) }, words.makeAlways),
    h("div", { "data-messages": "" }),
    h("p", { class: "rule-joint" }, isAlways ? words.thenAlways : words.then));
}

const key = (name: string): Record<string, string> => ({ "data-focus": name });
const full = (path: Path): Path => ["when", ...path];

/** `path` null: the tree is one bare condition, shown as a group of one. */
function buildGroup(editor: Editor, group: tree.Group, path: Path | null, depth: number): HTMLElement {
  const { words } = editor;
  const join = tree.joinOf(group);
  const parts = tree.partsOf(group);
  const list: Path = path === null ? [] : [...path, join];
  const rows = parts.map((part, number) => {
    const at: Path = path === null ? [] : [...list, number];
    return buildPart(editor, part, at, depth, number === 0 ? null : { join, path: path ?? [] });
  });
  const where = (path ?? []).join(".");
  const drop = { "data-drop": JSON.stringify(list), "data-number": String(parts.length), "data-kind": "condition" };
  return h("div", { class: `rule-group depth-${Math.min(depth, 4)}` },
    depth > 0 || parts.length > 1 ? buildJoin(editor, join, path ?? [], parts.length) : null,
    rows.length === 0 ? null : h("ol", { class: "rule-rows" }, ...rows),
    h("div", { class: "rule-add", ...(path === null ? {} : drop) },
      h("button", { ...key(`add:${where}`), type: "button", class: "button small", "data-add-condition": where, click: (event) => addCondition(editor, event.currentTarget as Element, path ?? []) }, icon("plus"), words.addCondition),
      h("button", { type: "button", class: "button small quiet", "data-add-group": where, click: () => addGroup(editor, path ?? []) }, icon("stack"), words.addGroup)));
}

function buildJoin(editor: Editor, join: "all" | "any", path: Path, count: number): HTMLElement {
  const { words } = editor;
  const text = join === "all" ? words.allOf : words.anyOf;
  const press = (): void => editor.setTree(tree.switchJoin(tree.rooted(editor.rule!.when), path), words.didJoin);
  return h("p", { class: "rule-join" }, words.beforeJoin,
    h("button", { ...key(`join:${path.join(".")}`), type: "button", class: "chip join", click: press, disabled: count === 0, title: words.switchJoin }, text), words.afterJoin);
}

function buildPart(editor: Editor, node: Condition, path: Path, depth: number, before: { join: "all" | "any"; path: Path } | null): HTMLElement {
  const { words } = editor;
  const isNegated = tree.isNegation(node);
  const inner = isNegated ? node.not : node;
  const innerPath: Path = isNegated ? [...path, "not"] : path;
  const conjunction = before === null ? null : h("span", { class: "rule-conjunction" }, before.join === "all" ? words.and : words.or);
  const body = tree.isComparison(inner) ? buildSentence(editor, inner, innerPath, conjunction, isNegated ? buildNot(editor, path) : null)
    : tree.isGroup(inner) ? buildGroup(editor, inner, innerPath, depth + 1)
    : h("span", {}, editor.teller.condition(inner));
  const number = path.at(-1);
  const row = h("li", {
    class: `rule-row ${tree.isGroup(inner) ? "nested" : ""}`, "data-place": showPlace(["rules", editor.index, ...full(path)]), "data-move": "condition", "data-path": JSON.stringify(path),
    ...(typeof number === "number" ? { "data-drop": JSON.stringify(path.slice(0, -1)), "data-number": String(number), "data-kind": "condition" } : {}),
  },
    buildHandle(editor, path, node),
    h("div", { class: "rule-row-body" },
      tree.isComparison(inner) ? null : conjunction,
      isNegated && tree.isGroup(inner) ? h("span", { class: "rule-not" }, words.notFollowing) : null,
      body,
      h("div", { "data-messages": "" })),
    h("button", { ...key(`menu:${path.join(".")}`), type: "button", class: "rule-tool", "aria-label": fill(words.moreFor, { name: editor.teller.condition(node) }), title: words.more, click: (event) => openRowMenu(editor, event.currentTarget as Element, node, path) }, icon("more")),
    h("button", { type: "button", class: "rule-tool rule-remove", "aria-label": fill(words.removeOf, { name: editor.teller.condition(node) }), title: words.remove, click: () => removePart(editor, path) }, icon("cross")));
  return row;
}

function buildNot(editor: Editor, path: Path): HTMLElement {
  return h("button", { type: "button", class: "chip not", title: editor.words.takeNot, click: () => negate(editor, path) }, editor.words.not);
}

function buildHandle(editor: Editor, path: Path, node: Condition): HTMLElement {
  const name = editor.teller.condition(node);
  return h("button", { ...key(`handle:${full(path).join(".")}`), type: "button", class: "rule-handle", "data-handle": "condition", "aria-label": fill(editor.words.handle, { name }), title: editor.words.handleHint }, icon("grip"));
}

function buildSentence(editor: Editor, comparison: Comparison, path: Path, conjunction: HTMLElement | null, not: HTMLElement | null): HTMLElement {
  const parts = editor.teller.comparison(comparison).filter(({ text }) => text !== "");
  const press = (role: string) => (event: Event): void => {
    const anchor = event.currentTarget as Element;
    if (role === "fact") changeFact(editor, anchor, comparison, path);
    else editComparison(editor, anchor, comparison, path, role);
  };
  const hasFilters = (editor.knowledge.fact(comparison.fact)?.parameters.length ?? 0) > Object.keys(comparison.with ?? {}).length;
  return h("div", { class: "rule-sentence" }, conjunction,
    ...parts.map((part) => part.role === null ? h("span", { class: "rule-word" }, part.text) : h("button", {
      ...key(`${part.role}:${path.join(".")}`), type: "button", class: `chip ${part.role === "fact" ? "fact" : part.role === "op" ? "op" : "value"}${part.isOpen ? " open" : ""}`,
      "data-place": showPlace(["rules", editor.index, ...full(path), ...stepsOf(part.role)]), "aria-haspopup": "dialog", click: press(part.role),
    }, part.text)),
    hasFilters ? h("button", { type: "button", class: "chip add", "aria-haspopup": "dialog", click: (event) => editComparison(editor, event.currentTarget as Element, comparison, path, "narrow") }, editor.words.narrow) : null, not);
}

function stepsOf(role: string): Path {
  return role === "fact" || role === "op" || role === "value" ? [role] : ["with", role];
}

function editComparison(editor: Editor, anchor: Element, comparison: Comparison, path: Path, part: string): void {
  editor.focus = `${part === "narrow" ? "fact" : part}:${path.join(".")}`;
  const keep = (changed: Comparison): void => editor.setTree(tree.replace(editor.rule!.when, path, changed), fill(editor.words.didCondition, { name: editor.teller.condition(changed) }));
  openComparison(editor, anchor, comparison, part, keep, editor.draw);
}

/** The same fact keeps its filters and value; another one starts anew, and its window opens at once. */
function changeFact(editor: Editor, anchor: Element, comparison: Comparison, path: Path): void {
  chooseFact(editor, anchor, comparison.fact, (chosen) => {
    if (chosen === comparison.fact) return;
    const fresh = editor.knowledge.start(editor.knowledge.fact(chosen)!);
    editor.setTree(tree.replace(editor.rule!.when, path, fresh), fill(editor.words.didCondition, { name: editor.teller.condition(fresh) }));
    goOn(editor, fresh, path);
  });
}

function addCondition(editor: Editor, anchor: Element, group: Path): void {
  chooseFact(editor, anchor, "", (chosen) => {
    const fresh = editor.knowledge.start(editor.knowledge.fact(chosen)!);
    const { tree: grown, path } = tree.add(editor.rule!.when, group, fresh);
    editor.setTree(grown, fill(editor.words.didAdd, { name: editor.teller.condition(fresh) }));
    goOn(editor, fresh, path);
  });
}

/** After the fact comes its value, without a click between. */
function goOn(editor: Editor, fresh: Comparison, path: Path): void {
  const anchor = document.querySelector(`[data-focus="${CSS.escape(`value:${path.join(".")}`)}"]`) ?? document.querySelector(`[data-focus="${CSS.escape(`fact:${path.join(".")}`)}"]`);
  if (anchor) editComparison(editor, anchor, fresh, path, "value");
}

export function chooseFact(editor: Editor, anchor: Element, current: string, onChoose: (key: string) => void): void {
  const { words, knowledge } = editor;
  const { catalogue } = knowledge;
  const groups = new Map(catalogue.groups.map(({ key: each, label }) => [each, label]));
  let chosen: string | null = null;
  openPanel(anchor, words.chooseFactTitle, (close) => {
    const box = new Listbox({
      label: words.chooseFactTitle, hint: words.searchFact, nothing: words.noFact, chosen: current === "" ? [] : [current],
      items: catalogue.facts.map((fact) => ({
        value: fact.key, label: fact.label, words: fact.words, group: groups.get(fact.group) ?? fact.group,
        note: `${fact.about}  ${fill(words.example, { example: showExample(editor, fact.key) })}`,
      })),
      onChoose: (value) => {
        chosen = value;
        close();
      },
    });
    return { body: [box.element], focus: box.input, keep: () => chosen !== null && window.setTimeout(() => onChoose(chosen!), 0) };
  }, () => undefined, true);
}

function showExample(editor: Editor, factKey: string): string {
  const fact = editor.knowledge.fact(factKey)!;
  const shape = fact.type === "text_set" ? "texts" : "one";
  return editor.teller.value(fact, fact.example, { key: "", types: [], phrase: "", shape });
}

function addGroup(editor: Editor, path: Path): void {
  const { words } = editor;
  const around = [...path].reverse().find((step) => step === "all" || step === "any") ?? tree.joinOf(tree.rooted(editor.rule!.when));
  const changed = tree.add(editor.rule!.when, path, tree.makeGroup(around === "all" ? "any" : "all", []));
  editor.focus = `add:${changed.path.join(".")}`;
  editor.setTree(changed.tree, words.didGroup);
}

function negate(editor: Editor, path: Path): void {
  editor.setTree(tree.negate(editor.rule!.when, path), editor.words.didNot);
}

function removePart(editor: Editor, path: Path): void {
  const node = editor.get(["when", ...path]) as Condition;
  editor.focus = `add:${path.slice(0, Math.max(0, findNumber(path) - 1)).join(".")}`;
  const name = editor.teller.condition(node);
  editor.setTree(tree.remove(editor.rule!.when, path), fill(editor.words.didRemove, { name }));
  editor.toast(fill(editor.words.didRemove, { name }));
}

export function movePart(editor: Editor, path: Path, by: -1 | 1): void {
  const before = editor.get(["when", ...path]) as Condition;
  const changed = tree.step(editor.rule!.when, path, by);
  editor.setMoved(changed, fill(editor.words.didMove, { name: editor.teller.condition(before) }));
  if (changed !== null) editor.say(fill(editor.words.saidMoved, { name: editor.teller.condition(before), number: Number(changed.path[findNumber(changed.path)]) + 1 }));
}

export function dropPart(editor: Editor, from: Path, list: Path, number: number): void {
  const before = editor.get(["when", ...from]) as Condition;
  const at = from.slice(0, -1).join() === list.join() && Number(from.at(-1)) < number ? number - 1 : number;
  editor.setMoved(tree.moveInto(editor.rule!.when, from, list, at), fill(editor.words.didMove, { name: editor.teller.condition(before) }));
}

function openRowMenu(editor: Editor, anchor: Element, node: Condition, path: Path): void {
  const { words } = editor;
  const when = (): Condition => editor.rule!.when;
  const isRoot = !path.some((step) => typeof step === "number");
  const inner = tree.isNegation(node) ? node.not : node;
  openMenu(editor, anchor, words.more, [
    { icon: "up", text: words.moveUp, keys: "Alt+↑", isOff: isRoot, act: () => movePart(editor, path, -1) },
    { icon: "down", text: words.moveDown, keys: "Alt+↓", isOff: isRoot, act: () => movePart(editor, path, 1) },
    { icon: "contrast", text: tree.isNegation(node) ? words.takeNot : words.makeNot, act: () => negate(editor, path) },
    { icon: "stack", text: words.wrap, act: () => editor.setMoved(tree.wrap(when(), path), words.didGroup) },
    ...(tree.isGroup(inner) && !tree.isNegation(node) && !isRoot ? [{ icon: "list", text: words.unwrap, act: () => editor.setMoved(tree.unwrap(when(), path), words.didUnwrap) }] : []),
    { icon: "plus", text: words.duplicate, isOff: isRoot, act: () => duplicate(editor, node, path) },
    { icon: "trash", text: words.remove, act: () => removePart(editor, path) },
  ]);
}

function duplicate(editor: Editor, node: Condition, path: Path): void {
  const group = path.slice(0, Math.max(0, findNumber(path) - 1));
  editor.setMoved(tree.add(editor.rule!.when, group, structuredClone(node)), fill(editor.words.didAdd, { name: editor.teller.condition(node) }));
}
