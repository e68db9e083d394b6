/// Puts the editor together: what is drawn, when it is checked, counted and saved, and the keys that work everywhere.

import { find, h, icon } from "../bench/dom.ts";
import { buildActions, moveAction } from "./actions.ts";
import { type Catalogue, Knowledge } from "./catalogue.ts";
import { buildConditions, dropPart, movePart } from "./conditions.ts";
import { tellRules } from "./conflict.ts";
import { type Path, type Rule, type RulesetDocument, insertAt, isBlank, makeRule } from "./document.ts";
import { listenDrags } from "./drag.ts";
import { Editor } from "./editor.ts";
import { openGallery } from "./gallery.ts";
import { buildList, duplicateRule, moveRule, removeRule, showCounts, toggle } from "./list.ts";
import { markFindings } from "./marks.ts";
import { RULES } from "./merging.ts";
import { buildOptions } from "./options.ts";
import { buildConflictNotice, openConflict } from "../editing/conflict.ts";
import { type Overtaking, Saver } from "../editing/saving.ts";
import type { Draft, Problem, Server } from "./server.ts";
import { buildSide } from "./side.ts";
import { Store } from "../editing/store.ts";
import { Teller } from "./telling.ts";
import { type Acts, buildBar, buildHead } from "./toolbar.ts";
import { fill, findWords } from "./words.ts";

const CHECK_PAUSE = 350;
const COUNT_PAUSE = 900;
const LOOK_EVERY = 8_000;
const TOAST = 9_000;

export class App {
  readonly store: Store<RulesetDocument>;
  readonly editor: Editor;
  readonly saver: Saver<RulesetDocument, Rule>;
  private readonly acts: Acts = { undo: () => this.undo(), redo: () => this.redo(), publish: (event) => void this.publish(event) };
  private checkTimer = 0;
  private countTimer = 0;
  private checked = 0;
  private counted = "";
  private asked: Overtaking<Rule> | null = null;

  constructor(private readonly root: HTMLElement, private readonly server: Server, language: string, draft: Draft, catalogue: Catalogue, shop: string) {
    this.store = new Store(draft.document);
    const knowledge = new Knowledge(catalogue);
    const tellers = { ja: new Teller(knowledge, findWords("ja"), "ja"), en: new Teller(knowledge, findWords("en"), "en") };
    const words = findWords(language);
    this.editor = new Editor(this.store, knowledge, server, words, tellers[language === "en" ? "en" : "ja"], tellers, language,
      () => this.draw(), (text) => this.say(text), (text) => this.toast(text), (key) => this.show(key));
    this.saver = new Saver(this.store, RULES, server, localStorage, `soegaki-rules-${shop}`, draft, () => this.drawBar());
    this.store.listen((isTyping) => this.changed(isTyping));
  }

  start(): void {
    const { editor } = this;
    editor.open = readAddress();
    if (this.saver.takeUp()) this.toast(editor.words.takenUp);
    if (location.pathname === "/rules/new") this.startRule(makeRule());
    listenDrags(this.root, ({ kind, from, list, number }) => this.drop(kind, from, list, number));
    this.root.addEventListener("keydown", (event) => this.move(event));
    document.addEventListener("keydown", (event) => this.press(event));
    addEventListener("popstate", () => this.goTo(readAddress()));
    addEventListener("pagehide", () => void this.saver.flush());
    document.addEventListener("visibilitychange", () => void (document.hidden ? this.saver.flush() : this.saver.look()));
    setInterval(() => !document.hidden && void this.saver.look(), LOOK_EVERY);
    this.draw();
    void this.learnNames();
    this.check(0);
    this.count(0);
  }

  private changed(isTyping: boolean): void {
    const { rule } = this.editor;
    if (rule !== undefined && !isBlank(rule) && location.pathname === "/rules/new") history.replaceState(null, "", `/rules/${rule.key}/edit`);
    if (!isTyping) this.draw();
    else this.drawBar();
    this.check(CHECK_PAUSE);
    this.count(COUNT_PAUSE);
  }

  /** Shows a rule, or the list; the address says which, so that going back works. */
  private show(key: string | null): void {
    const rule = this.editor.rules.find((each) => each.key === key);
    const address = key === null ? "/rules" : rule !== undefined && isBlank(rule) ? "/rules/new" : `/rules/${key}/edit`;
    if (location.pathname !== address) history.pushState(null, "", address);
    this.goTo(key);
    scrollTo(0, 0);
  }

  private goTo(key: string | null): void {
    const { editor } = this;
    if (editor.open !== null && key === null && editor.focus === null) editor.focus = `rule:${editor.open}`;
    editor.open = key !== null && editor.place(key) >= 0 ? key : null;
    if (editor.open === null && editor.rules.some(isBlank)) editor.setRules(editor.rules.filter((rule) => !isBlank(rule)), editor.words.newRule);
    this.draw();
    if (editor.open !== null) this.root.querySelector<HTMLElement>("h1")?.focus();
    this.check(0);
    this.count(0);
  }

  /** Draws everything anew. What had the focus has it again, found by its name. */
  private draw(): void {
    const { editor, root } = this;
    if (editor.open !== null && editor.rule === undefined) editor.open = null;
    const held = editor.focus ?? (document.activeElement as HTMLElement | null)?.dataset?.["focus"] ?? null;
    const typed = document.activeElement instanceof HTMLTextAreaElement ? document.activeElement : null;
    const range = typed === null ? null : ([typed.selectionStart, typed.selectionEnd] as const);
    const opened = new Set([...root.querySelectorAll<HTMLDetailsElement>("details[open]")].map((each) => each.textContent));
    root.replaceChildren(this.buildHead(), this.buildNotice(), editor.open === null ? this.buildList() : this.buildRule());
    for (const each of root.querySelectorAll("details")) each.open = opened.has(each.textContent);
    markFindings(root, editor.findings);
    showCounts(editor, root);
    if (document.querySelector("dialog[open]") !== null) return;
    editor.focus = null;
    const target = held === null ? null : root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(held)}"]`);
    target?.focus({ preventScroll: false });
    if (target instanceof HTMLTextAreaElement && range !== null) target.setSelectionRange(...range);
  }

  private buildHead(): HTMLElement {
    return buildHead(this.editor, this.saver, this.acts);
  }

  private buildNotice(): HTMLElement {
    const notice = buildConflictNotice(tellRules(this.editor), this.saver);
    return h("div", { id: "rule-notice" }, notice);
  }

  /** The bar changes while somebody types: it alone is drawn then. */
  private drawBar(): void {
    const [bar, notice] = [this.root.querySelector(".rule-bar"), this.root.querySelector("#rule-notice")];
    const held = (document.activeElement as HTMLElement | null)?.dataset?.["focus"];
    if (bar !== null) renewChildren(bar, buildBar(this.editor, this.saver, this.acts));
    notice?.replaceWith(this.buildNotice());
    if (held !== undefined && document.activeElement === document.body) this.root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(held)}"]`)?.focus();
    this.askOnce();
  }

  /** Where both changed the same rule, the question comes by itself, once; later it waits in the notice. */
  private askOnce(): void {
    const { overtaking, standing } = this.saver;
    if (standing !== "undecided" || overtaking === this.asked || document.querySelector("dialog[open]") !== null) return;
    this.asked = overtaking;
    openConflict(tellRules(this.editor), this.saver);
  }

  private buildList(): HTMLElement {
    return buildList(this.editor, () => this.startRule(makeRule()), () => void openGallery(this.editor, (rule, isFirst) => this.startRule(rule, isFirst)));
  }

  private buildRule(): HTMLElement {
    const { editor } = this;
    return h("div", { class: "rule-open", "data-place": `$.rules[${editor.index}]` },
      h("div", { class: "rule-paper card" }, buildConditions(editor), buildActions(editor), buildOptions(editor), this.buildFoot(), h("div", { "data-messages": "" })),
      buildSide(editor));
  }

  private buildFoot(): HTMLElement {
    const { editor } = this;
    const { words, index } = editor;
    return h("div", { class: "actions rule-foot" },
      h("button", { type: "button", class: "button primary", id: "finish-rule", click: () => this.show(null) }, icon("check"), words.finish),
      h("button", { type: "button", class: "button small", "data-focus": "toggle-rule", click: () => toggle(editor, index) }, icon(editor.rule?.enabled === false ? "play" : "pause"), editor.rule?.enabled === false ? words.turnOn : words.turnOff),
      h("button", { type: "button", class: "button small", click: () => { duplicateRule(editor, index); this.show(null); } }, icon("plus"), words.duplicate),
      h("button", { type: "button", class: "button small danger", click: () => removeRule(editor, index) }, icon("trash"), words.deleteRule));
  }

  private startRule(rule: Rule, isFirst = false): void {
    const { editor } = this;
    const { key } = editor.place(rule.key) < 0 ? rule : makeRule();
    editor.setRules(insertAt(editor.rules, isFirst ? 0 : editor.rules.length, { ...rule, key }), editor.words.newRule);
    this.show(key);
    editor.focus = null;
    this.root.querySelector<HTMLElement>("[data-add-condition]")?.focus();
  }

  private check(pause: number): void {
    clearTimeout(this.checkTimer);
    this.checkTimer = window.setTimeout(() => void this.runCheck(), pause);
  }

  private async runCheck(): Promise<void> {
    const asked = ++this.checked;
    const answer = await this.server.check(this.store.document, this.pace(), this.editor.open);
    if (asked !== this.checked || answer.kind !== "ok") return;
    this.editor.findings = { ...answer.value, problems: answer.value.problems.filter((each) => !this.isEarly(each)) };
    if (this.editor.open === null) showCounts(this.editor, this.root);
    markFindings(this.root, this.editor.findings);
    this.root.dataset["checked"] = String(asked);
    this.drawSide();
  }

  /** A rule that does nothing yet will be named after what it does: no need to ask for its name. */
  private isEarly({ place, code }: Problem): boolean {
    const found = /^\$\.rules\[(\d+)\]\.name/.exec(place);
    return found !== null && code === "empty_value" && this.editor.rules[Number(found[1])]?.then.length === 0;
  }

  private pace(): Record<string, number> {
    const { matches } = this.editor;
    return matches?.answer.kind === "ok" ? { [matches.key]: matches.answer.value.per_day } : {};
  }

  private drawSide(): void {
    if (this.editor.rule !== undefined) this.root.querySelector("#rule-side")?.replaceWith(buildSide(this.editor));
  }

  /** Counts only when the condition is another one than last time. */
  private count(pause: number): void {
    clearTimeout(this.countTimer);
    const { rule } = this.editor;
    if (rule === undefined) return;
    this.countTimer = window.setTimeout(() => void this.runCount(rule), pause);
  }

  private async runCount(rule: Rule): Promise<void> {
    const asked = JSON.stringify([rule.key, rule.when, rule.audience, rule.valid]);
    if (asked === this.counted && this.editor.matches?.key === rule.key) return this.drawSide();
    this.counted = asked;
    const answer = await this.server.countMatches(rule);
    if (asked !== this.counted) return;
    this.editor.matches = { key: rule.key, answer };
    this.drawSide();
    // How fast an insert goes depends on how often the rule matches.
    if (answer.kind === "ok" && answer.value.matched > 0) this.check(0);
  }

  /** Names of products that rules hold: asked for once, then every sentence says them. */
  private async learnNames(): Promise<void> {
    const text = JSON.stringify(this.store.document);
    const wanted = new Set<string>();
    for (const [, list] of text.matchAll(/"(?:skus|value)":(\[[^[\]]*\]|"[^"]*")/g)) for (const [, name] of (list ?? "").matchAll(/"([^"]+)"/g)) wanted.add(name!);
    if (wanted.size === 0) return;
    this.editor.knowledge.learn("products", await this.server.listValues("products", "", [...wanted].slice(0, 300)));
    this.draw();
  }

  private undo(): void {
    const label = this.store.undo();
    this.say(label === null ? this.editor.words.nothingToUndo : fill(this.editor.words.saidUndone, { label }));
  }

  private redo(): void {
    const label = this.store.redo();
    this.say(label === null ? this.editor.words.nothingToRedo : fill(this.editor.words.saidRedone, { label }));
  }

  /** What is not saved yet would not be published. */
  private async publish(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.saver.flush()) location.assign((event.currentTarget as HTMLAnchorElement | null)?.href ?? "/rules/publish");
    else this.toast(this.editor.words.notSavedYet);
  }

  private press(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]") !== null) return;
    if (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.redo();
    else this.undo();
  }

  private move(event: KeyboardEvent): void {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const row = (event.target as Element).closest<HTMLElement>("[data-move]");
    if (!event.altKey || by === 0 || row === null) return;
    event.preventDefault();
    const path = JSON.parse(row.dataset["path"] ?? "[]") as Path;
    const number = Number(path[0]);
    if (row.dataset["move"] === "condition") movePart(this.editor, path, by);
    else if (row.dataset["move"] === "action") moveAction(this.editor, number, number + by);
    else moveRule(this.editor, number, number + by);
  }

  private drop(kind: string, from: Path, list: Path, number: number): void {
    const at = Number(from[0]);
    const to = at < number ? number - 1 : number;
    if (kind === "condition") dropPart(this.editor, from, list, number);
    else if (to !== at) (kind === "action" ? moveAction : moveRule)(this.editor, at, to);
  }

  private say(text: string): void {
    find("rule-said").textContent = text;
  }

  private toast(text: string): void {
    document.querySelector(".rule-toast")?.remove();
    const box = h("div", { class: "rule-toast", role: "status" }, h("span", {}, text),
      this.store.canUndo === null ? null : h("button", { type: "button", class: "button small", click: () => { box.remove(); this.undo(); } }, this.editor.words.undo));
    this.root.parentElement?.append(box);
    setTimeout(() => box.remove(), TOAST);
  }
}

/** Only what differs is put anew: a button under a finger stays the same button. */
function renewChildren(standing: Element, fresh: Element): void {
  const [before, after] = [[...standing.children], [...fresh.children]];
  for (const [number, child] of before.entries()) {
    const other = after[number];
    if (other !== undefined && other.outerHTML !== child.outerHTML) child.replaceWith(other);
  }
}

function readAddress(): string | null {
  const found = /^\/rules\/([^/]+)\/edit$/.exec(location.pathname);
  return found === null ? null : decodeURIComponent(found[1]!);
}

