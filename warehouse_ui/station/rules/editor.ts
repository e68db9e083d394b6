/// What every part of the editor works with: the draft, what is known, what was found, and how to change and redraw.

import type { Knowledge } from "./catalogue.ts";
import { type Path, type Rule, type RulesetDocument, getAt, setAt } from "./document.ts";
import type { Answer, Findings, Matches, Server } from "./server.ts";
import type { Store } from "../editing/store.ts";
import type { Teller } from "./telling.ts";
import type { Condition } from "./document.ts";
import type { Changed } from "./tree.ts";
import type { Words } from "./words.ts";

export class Editor {
  findings: Findings = { problems: [], advice: [] };
  matches: { key: string; answer: Answer<Matches> } | null = null;
  /** The key of the rule that is open; null while the list is shown. */
  open: string | null = null;
  /** What gets the focus after the next drawing. */
  focus: string | null = null;

  constructor(
    readonly store: Store<RulesetDocument>,
    readonly knowledge: Knowledge,
    readonly server: Server,
    readonly words: Words,
    readonly teller: Teller,
    readonly tellers: Record<"ja" | "en", Teller>,
    readonly language: string,
    /** Draws everything anew. */
    readonly draw: () => void,
    /** Tells a screen reader. */
    readonly say: (text: string) => void,
    /** Shows a sentence that goes away, with undoing beside it. */
    readonly toast: (text: string) => void,
    readonly show: (key: string | null) => void,
  ) {}

  get document(): RulesetDocument {
    return this.store.document;
  }

  get rules(): readonly Rule[] {
    return this.document.rules;
  }

  place(key: string): number {
    return this.rules.findIndex((rule) => rule.key === key);
  }

  get index(): number {
    return this.open === null ? -1 : this.place(this.open);
  }

  get rule(): Rule | undefined {
    return this.rules[this.index];
  }

  /** Changes the open rule at a path; undefined takes the key away. */
  set(path: Path, value: unknown, label: string, merge: string | null = null): void {
    const { index } = this;
    if (index >= 0) this.store.change(this.follow(index, setAt(this.document, ["rules", index, ...path], value)), label, merge);
  }

  get(path: Path): unknown {
    return getAt(this.rule, path);
  }

  setRules(rules: readonly Rule[], label: string): void {
    this.store.change({ ...this.document, rules }, label);
  }

  setTree(tree: Condition, label: string): void {
    this.set(["when"], tree, label);
  }

  /** A moved or wrapped part keeps the focus where it stands now. */
  setMoved(changed: Changed | null, label: string): void {
    if (changed === null) return this.say(this.words.noFurther);
    this.focus = `handle:${["when", ...changed.path].join(".")}`;
    this.setTree(changed.tree, label);
  }

  /** A rule that nobody named follows what it does. */
  private follow(index: number, document: RulesetDocument): RulesetDocument {
    const [before, after] = [this.rules[index]!, document.rules[index]!];
    if (before.then === after.then) return document;
    let changed = document;
    for (const language of ["ja", "en"] as const) {
      const auto = this.suggest(before)[language];
      if (after.name[language] === "" || after.name[language] === auto) {
        changed = setAt(changed, ["rules", index, "name", language], this.suggest(after)[language]);
      }
    }
    return changed;
  }

  suggest(rule: Rule): { ja: string; en: string } {
    if (rule.then.length === 0) return { ja: "", en: "" };
    const tell = (language: "ja" | "en"): string => rule.then.slice(0, 2).map((action) => this.tellers[language].shortAction(action)).join(language === "ja" ? "・" : ", ");
    return { ja: tell("ja"), en: tell("en") };
  }
}
