/// What the open rule does: one row for each action; its things are chosen in one step.

import { h, icon } from "../bench/dom.ts";
import type { Insert } from "./catalogue.ts";
import { type Action, insertAt, moveTo, removeAt, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { askNumber, askOne, askText, chooseCategories } from "./inputs.ts";
import { type Item, Listbox } from "./listbox.ts";
import { openMenu } from "./menu.ts";
import { openPanel } from "../editing/panel.ts";
import { buildTexts } from "./texts.ts";
import { fill } from "./words.ts";

const SCARCE = 50;

export function buildActions(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const rows = rule!.then.map((action, number) => buildRow(editor, action, number));
  return h("section", { class: "rule-then", "aria-labelledby": "rule-then", "data-place": showPlace(["rules", editor.index, "then"]) },
    h("h2", { id: "rule-then" }, words.does),
    rows.length > 0 ? h("ol", { class: "rule-rows" }, ...rows) : null,
    h("div", { "data-messages": "" }),
    h("div", { class: "rule-add", "data-drop": "[]", "data-number": String(rows.length), "data-kind": "action" },
      h("button", { type: "button", class: "button small", "data-focus": "add-action", id: "add-action", click: (event) => addAction(editor, event.currentTarget as Element) }, icon("plus"), words.addAction)));
}

function buildRow(editor: Editor, action: Action, number: number): HTMLElement {
  const { words } = editor;
  const told = editor.teller.action(action);
  const picture = editor.knowledge.insert(action["insert"])?.picture;
  return h("li", {
    class: "rule-row action", "data-place": showPlace(["rules", editor.index, "then", number]), "data-move": "action", "data-path": JSON.stringify([number]),
    "data-drop": "[]", "data-number": String(number), "data-kind": "action", "data-action": action.do,
  },
    h("button", { type: "button", class: "rule-handle", "data-handle": "action", "data-focus": `handle:then.${number}`, "aria-label": fill(words.handle, { name: told.text }), title: words.handleHint }, icon("grip")),
    picture ? h("img", { class: "rule-picture", src: picture, alt: "", width: "44", height: "44" }) : h("span", { class: "rule-picture" }, icon(told.icon)),
    h("div", { class: "rule-row-body" }, buildSentence(editor, action, number), h("div", { "data-messages": "" })),
    h("button", { type: "button", class: "rule-tool", "data-focus": `menu:then.${number}`, "aria-label": fill(words.moreFor, { name: told.text }), title: words.more, click: (event) => openRowMenu(editor, event.currentTarget as Element, number) }, icon("more")),
    h("button", { type: "button", class: "rule-tool rule-remove", "aria-label": fill(words.removeOf, { name: told.text }), title: words.remove, click: () => remove(editor, number) }, icon("cross")),
    buildBody(editor, action, number));
}

/** A sentence of plain words and chips: «[緑茶サンプル] を [1] 個入れる». */
function buildSentence(editor: Editor, action: Action, number: number): HTMLElement {
  const { words } = editor;
  const chips: Record<string, () => HTMLElement> = {
    insert: () => chip(editor, number, "insert", editor.knowledge.insert(action["insert"])?.label ?? action["insert"], (anchor) => chooseThing(editor, anchor, number, action)),
    template: () => chip(editor, number, "template", editor.knowledge.template(action["template"])?.label ?? action["template"], (anchor) => chooseThing(editor, anchor, number, action)),
    quantity: () => chip(editor, number, "quantity", String(action["quantity"] ?? 1), (anchor) => askNumber(editor, anchor, words.quantity, Number(action["quantity"] ?? 1), 1, 20, (value) => set(editor, number, "quantity", value === 1 ? undefined : value))),
    value: () => chip(editor, number, "value", action["value"], (anchor) => askNumber(editor, anchor, words.priority, Number(action["value"] ?? 10), -100, 100, (value) => set(editor, number, "value", value))),
    slot: () => chip(editor, number, "slot", editor.knowledge.catalogue.slots.find(({ key }) => key === action["slot"])?.label ?? action["slot"], (anchor) => chooseSlot(editor, anchor, number, action)),
    flag: () => chip(editor, number, "flag", action["flag"], (anchor) => askText(editor, anchor, words.flagName, String(action["flag"] ?? ""), (value) => set(editor, number, "flag", value))),
    tag: () => chip(editor, number, "tag", action["tag"], (anchor) => askText(editor, anchor, words.tagName, String(action["tag"] ?? ""), (value) => set(editor, number, "tag", value))),
    count: () => chip(editor, number, "count", action["count"], (anchor) => askNumber(editor, anchor, words.quantity, Number(action["count"] ?? 3), 1, 10, (value) => set(editor, number, "count", value))),
    categories: () => chip(editor, number, "categories", Array.isArray(action["categories"]) ? action["categories"].join(words.comma) : words.anyCategory, (anchor) => chooseCategories(editor, anchor, (action["categories"] ?? []) as string[], (value) => set(editor, number, "categories", value.length === 0 ? undefined : value))),
    fallback: () => chip(editor, number, "fallback", words.fallbacks[action["fallback"] === "popular" ? "popular" : "none"], (anchor) => askOne(editor, anchor, words.fallback, [{ value: "popular", label: words.fallbacks.popular }, { value: "none", label: words.fallbacks.none }], action["fallback"] === "popular" ? "popular" : "none", (value) => set(editor, number, "fallback", value === "none" ? undefined : value))),
    series: () => chip(editor, number, "series", action["series"] === undefined ? undefined : editor.knowledge.nameOf("coupon_series", String(action["series"])), (anchor) => chooseSeries(editor, anchor, number, action)),
  };
  const pattern = words.actionSentence[action.do] ?? action.do;
  const parts = pattern.split(/(\{\w+\})/).filter((part) => part !== "");
  return h("p", { class: "rule-sentence" }, ...parts.map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? h("span", { class: "rule-word" }, part) : (chips[name]?.() ?? h("span", {}, part));
  }), buildStock(editor, editor.knowledge.insert(action["insert"])));
}

function chip(editor: Editor, number: number, part: string, text: unknown, press: (anchor: Element) => void): HTMLElement {
  const isOpen = text === undefined || text === "" || text === null;
  const focus = `${part}:then.${number}`;
  const onPress = (event: Event): void => {
    editor.focus = focus;
    press(event.currentTarget as Element);
  };
  return h("button", { type: "button", class: `chip value${isOpen ? " open" : ""}`, "data-focus": focus, "data-place": showPlace(["rules", editor.index, "then", number, part]), "aria-haspopup": "dialog", click: onPress }, isOpen ? editor.words.choose : String(text));
}

function buildStock(editor: Editor, insert: Insert | undefined): HTMLElement | null {
  if (insert?.available === null || insert === undefined) return null;
  const tone = insert.available <= 0 ? "bad" : insert.available < SCARCE ? "warn" : "calm";
  return h("span", { class: `badge ${tone}` }, fill(editor.words.stock, { count: insert.available.toLocaleString(editor.language) }));
}

function buildBody(editor: Editor, action: Action, number: number): HTMLElement | null {
  const { words } = editor;
  if (action.do === "message") return h("div", { class: "rule-slots" }, buildTexts(editor, ["then", number, "text"], words.messageText, true));
  if (action.do === "hold") return h("div", { class: "rule-slots" }, buildTexts(editor, ["then", number, "reason"], words.holdReason, true, false));
  const template = editor.knowledge.template(action["template"]);
  if (template === undefined || (action.do !== "letter" && action.do !== "slip")) return null;
  const filled = Object.keys((action["slots"] ?? {}) as object);
  const isFirst = (key: string, needed?: boolean): boolean => needed === true || filled.includes(key);
  const build = (slot: { key: string; label: string; needed?: boolean }): HTMLElement => buildTexts(editor, ["then", number, "slots", slot.key], slot.label, slot.needed === true);
  const [shown, rest] = [template.slots.filter((slot) => isFirst(slot.key, slot.needed)), template.slots.filter((slot) => !isFirst(slot.key, slot.needed))];
  return h("div", { class: "rule-slots" }, ...shown.map(build),
    rest.length === 0 ? null : h("details", { class: "more" }, h("summary", {}, icon("pencil"), words.moreTexts), ...rest.map(build)));
}

function set(editor: Editor, number: number, part: string, value: unknown): void {
  const changed = { ...(editor.rule!.then[number] as Action) } as Record<string, unknown>;
  if (value === undefined) delete changed[part];
  else changed[part] = value;
  editor.set(["then", number], changed, fill(editor.words.didAction, { name: editor.teller.action(changed as Action).text }));
}

function listInserts(editor: Editor, isTask: boolean): Item[] {
  return editor.knowledge.catalogue.inserts.filter((insert) => insert.active && (insert.kind === "task") === isTask).map((insert) => ({
    value: `${isTask ? "task" : "enclose"}:${insert.key}`, label: insert.label, words: insert.words, note: insert.kind_label, picture: insert.picture, icon: isTask ? "hand" : "gift",
    group: isTask ? editor.words.groupTask : editor.words.groupEnclose,
    badge: insert.available === null ? undefined : { tone: insert.available <= 0 ? "bad" : insert.available < SCARCE ? "warn" : "calm", text: fill(editor.words.stock, { count: insert.available.toLocaleString(editor.language) }) },
  }));
}

function listTemplates(editor: Editor, kind: string): Item[] {
  const group = kind === "letter" ? editor.words.groupLetter : editor.words.groupSlip;
  return editor.knowledge.catalogue.templates.filter((each) => each.kind === kind).map((each) => ({ value: `${kind}:${each.key}`, label: each.label, words: `${each.key} ${each.names.ja} ${each.names.en}`, icon: kind === "letter" ? "letter" : "slip", group }));
}

function listOthers(editor: Editor): Item[] {
  return Object.entries(editor.words.otherActions).map(([kind, [label = kind, note]]) => ({ value: `${kind}:`, label, note, icon: editor.teller.action({ do: kind }).icon, group: editor.words.groupOther, words: `${kind} ${note ?? ""}` }));
}

function choose(editor: Editor, anchor: Element, title: string, items: readonly Item[], chosen: string, onChoose: (value: string) => void): void {
  let value: string | null = null;
  openPanel(anchor, title, (close) => {
    const box = new Listbox({ label: title, hint: editor.words.searchAction, nothing: editor.words.nothingFound, items, chosen: [chosen], onChoose: (each) => {
      value = each;
      close();
    } });
    return { body: [box.element], focus: box.input, keep: () => value !== null && onChoose(value) };
  }, editor.draw, true);
}

export function addAction(editor: Editor, anchor: Element): void {
  const items = [...listInserts(editor, false), ...listTemplates(editor, "letter"), ...listInserts(editor, true), ...listTemplates(editor, "slip"), ...listOthers(editor)];
  choose(editor, anchor, editor.words.addAction, items, "", (value) => {
    const action = makeAction(value);
    const number = editor.rule!.then.length;
    editor.focus = FIRST[action.do] === undefined ? `handle:then.${number}` : `${FIRST[action.do]}:then.${number}`;
    editor.set(["then"], [...editor.rule!.then, action], fill(editor.words.didAdd, { name: editor.teller.action(action).text }));
    // What still has to be chosen is asked for at once.
    if (FIRST[action.do] !== undefined) window.setTimeout(() => document.querySelector<HTMLElement>(`[data-focus="${FIRST[action.do]}:then.${number}"]`)?.click(), 0);
  });
}

const FIRST: Record<string, string | undefined> = { message: "slot", flag: "flag", tag: "tag", priority: "value", coupon: "series" };

function makeAction(value: string): Action {
  const [kind = "", key = ""] = value.split(/:(.*)/);
  if (kind === "enclose" || kind === "task") return { do: kind, insert: key };
  if (kind === "letter" || kind === "slip") return { do: kind, template: key };
  return { do: kind, ...(kind === "hold" ? { reason: { ja: "", en: "" } } : kind === "message" ? { text: { ja: "", en: "" } } : kind === "recommend" ? { count: 3 } : {}) };
}

function chooseThing(editor: Editor, anchor: Element, number: number, action: Action): void {
  const isInsert = action.do === "enclose" || action.do === "task";
  const items = isInsert ? [...listInserts(editor, false), ...listInserts(editor, true)] : listTemplates(editor, action.do);
  const key = String(action[isInsert ? "insert" : "template"] ?? "");
  choose(editor, anchor, editor.words.choose, items, `${action.do}:${key}`, (value) => {
    const fresh = makeAction(value);
    const kept = action.do === fresh.do && action["slots"] !== undefined ? { slots: keepSlots(editor, action, fresh) } : action["quantity"] !== undefined && fresh.do === "enclose" ? { quantity: action["quantity"] } : {};
    editor.set(["then", number], { ...fresh, ...kept }, fill(editor.words.didAction, { name: editor.teller.action(fresh).text }));
  });
}

/** Texts already written stay as far as the other template has a place for them. */
function keepSlots(editor: Editor, action: Action, fresh: Action): Action["slots"] {
  const possible = editor.knowledge.template(fresh["template"])?.slots.map(({ key }) => key) ?? [];
  return Object.fromEntries(Object.entries((action["slots"] ?? {}) as Record<string, never>).filter(([slot]) => possible.includes(slot)));
}

function chooseSlot(editor: Editor, anchor: Element, number: number, action: Action): void {
  const items = editor.knowledge.catalogue.slots.map(({ key, label }) => ({ value: key, label, words: key }));
  choose(editor, anchor, editor.words.slotTitle, items, String(action["slot"] ?? ""), (value) => set(editor, number, "slot", value));
}

/** Nothing to choose from is no dead end: it says where they are made. */
function tellNoSeries(editor: Editor, anchor: Element): void {
  const { words } = editor;
  const link = h("a", { class: "button primary", href: "/coupons/new", target: "_blank", rel: "noopener" }, icon("plus"), words.addSeries);
  openPanel(anchor, words.seriesTitle, () => ({ body: [h("p", {}, words.noSeries), h("div", { class: "actions" }, link)], focus: link }), editor.draw);
}

function chooseSeries(editor: Editor, anchor: Element, number: number, action: Action): void {
  const options = editor.knowledge.catalogue.lists["coupon_series"] ?? [];
  if (options.length === 0) return tellNoSeries(editor, anchor);
  choose(editor, anchor, editor.words.seriesTitle, options.map((each) => ({ ...each, icon: "ticket" })), String(action["series"] ?? ""), (value) => set(editor, number, "series", value));
}

function remove(editor: Editor, number: number): void {
  const { text } = editor.teller.action(editor.rule!.then[number]!);
  editor.focus = "add-action";
  editor.set(["then"], removeAt(editor.rule!.then, number), fill(editor.words.didRemove, { name: text }));
  editor.toast(fill(editor.words.didRemove, { name: text }));
}

export function moveAction(editor: Editor, number: number, to: number): void {
  const { then } = editor.rule!;
  if (to < 0 || to >= then.length) return editor.say(editor.words.noFurther);
  const { text } = editor.teller.action(then[number]!);
  editor.focus = `handle:then.${to}`;
  editor.set(["then"], moveTo(then, number, to), fill(editor.words.didMove, { name: text }));
  editor.say(fill(editor.words.saidMoved, { name: text, number: to + 1 }));
}

function openRowMenu(editor: Editor, anchor: Element, number: number): void {
  const { words } = editor;
  const { then } = editor.rule!;
  openMenu(editor, anchor, words.more, [
    { icon: "up", text: words.moveUp, keys: "Alt+↑", isOff: number === 0, act: () => moveAction(editor, number, number - 1) },
    { icon: "down", text: words.moveDown, keys: "Alt+↓", isOff: number === then.length - 1, act: () => moveAction(editor, number, number + 1) },
    { icon: "plus", text: words.duplicate, act: () => editor.set(["then"], insertAt(then, number + 1, structuredClone(then[number]!)), words.duplicate) },
    { icon: "trash", text: words.remove, act: () => remove(editor, number) },
  ]);
}
