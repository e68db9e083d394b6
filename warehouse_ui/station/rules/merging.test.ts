import { describe, expect, test } from "vitest";
import type { Rule, RulesetDocument } from "./document.ts";
import { compareLines } from "../editing/lines.ts";
import { Saver, type Shelf } from "../editing/saving.ts";
import { RULES, findDifferences, merge } from "./merging.ts";
import type { Answer, Draft, Saved } from "./server.ts";
import { Store } from "../editing/store.ts";

const rule = (key: string, name = key): Rule => ({ key, name: { ja: name, en: name }, when: { always: true }, then: [] });
const of = (...rules: Rule[]): RulesetDocument => ({ format: 1, rules });
const shown = (document: RulesetDocument): string[] => document.rules.map(({ name }) => name.ja);

describe("two people and one draft", () => {
  test("changes of different rules come together", () => {
    const merged = merge(of(rule("a"), rule("b")), of(rule("a", "mine"), rule("b")), of(rule("a"), rule("b", "theirs"), rule("c")), new Map());
    expect(shown(merged)).toEqual(["mine", "theirs", "c"]);
  });

  test("what one deleted and the other left alone is gone; what both touched is told", () => {
    const [base, mine, theirs] = [of(rule("a"), rule("b")), of(rule("a", "mine"), rule("b")), of(rule("a", "theirs"))];
    expect(findDifferences(base, mine, theirs).map(({ key, isBoth }) => [key, isBoth])).toEqual([["a", true], ["b", false]]);
    expect(shown(merge(base, mine, theirs, new Map([["a", "mine"]])))).toEqual(["mine"]);
    expect(shown(merge(base, mine, theirs, new Map([["b", "mine"]])))).toEqual(["theirs", "b"]);
  });

  test("the same change by both is no difference", () => expect(findDifferences(of(rule("a")), of(rule("a", "x")), of(rule("a", "x")))).toEqual([]));

  test("my order stays when they did not move anything", () => {
    expect(shown(merge(of(rule("a"), rule("b")), of(rule("b"), rule("a")), of(rule("a", "new"), rule("b")), new Map()))).toEqual(["b", "new"]);
  });

  test("lines are told as gone, new and same", () => {
    expect(compareLines(["a", "b", "c"], ["a", "x", "c"]).map(({ kind, text }) => kind[0] + text)).toEqual(["sa", "gb", "nx", "sc"]);
  });
});

class FakeShelf implements Shelf {
  readonly kept = new Map<string, string>();
  getItem = (name: string): string | null => this.kept.get(name) ?? null;
  setItem = (name: string, text: string): void => void this.kept.set(name, text);
  removeItem = (name: string): void => void this.kept.delete(name);
}

class FakeServer {
  isReachable = true;
  constructor(public draft: Draft) {}

  save = async (document: RulesetDocument, seen: number): Promise<Answer<Saved>> => {
    if (!this.isReachable) return { kind: "unreachable" };
    if (seen !== this.draft.version) return { kind: "overtaken", value: this.draft };
    this.draft = { ...this.draft, document, version: seen + 1 };
    return { kind: "ok", value: this.draft };
  };

  loadDraft = async (seen?: number): Promise<Answer<Draft>> => (seen === this.draft.version ? { kind: "same" } : { kind: "ok", value: this.draft });
}

function sit(document: RulesetDocument, shelf = new FakeShelf()): { store: Store<RulesetDocument>; saver: Saver<RulesetDocument, Rule>; server: FakeServer; shelf: FakeShelf } {
  const draft: Draft = { document, version: 3, saved_by: "佐藤", saved_at: null, live_number: 1, is_changed: false };
  const [store, server] = [new Store(document), new FakeServer(draft)];
  return { store, server, shelf, saver: new Saver(store, RULES, server, shelf, "draft", draft, () => undefined) };
}

describe("nothing typed is lost", () => {
  test("a change is kept here at once and given back when it is saved", async () => {
    const { store, saver, server, shelf } = sit(of(rule("a")));
    store.change(of(rule("a", "b")), "");
    expect(shelf.kept.size).toBe(1);
    expect(await saver.flush()).toBe(true);
    expect([shown(server.draft.document), shelf.kept.size, saver.standing]).toEqual([["b"], 0, "saved"]);
  });

  test("without a server it stays, and the next visit takes it up", async () => {
    const { store, saver, server, shelf } = sit(of(rule("a")));
    server.isReachable = false;
    store.change(of(rule("a", "typed")), "");
    expect(await saver.flush()).toBe(false);
    expect(saver.standing).toBe("unreachable");
    const later = sit(of(rule("a")), shelf);
    expect(later.saver.takeUp()).toBe(true);
    expect(shown(later.store.document)).toEqual(["typed"]);
    await saver.flush();
  });

  test("who is overtaken in the same rule is asked, and nothing is saved until then", async () => {
    const { store, saver, server } = sit(of(rule("a"), rule("b")));
    server.draft = { ...server.draft, document: of(rule("a", "theirs"), rule("b", "also")), version: 9 };
    store.change(of(rule("a", "mine"), rule("b")), "");
    await saver.flush();
    expect([saver.standing, shown(store.document)]).toEqual(["undecided", ["mine", "also"]]);
    store.change(of(rule("a", "mine still"), rule("b", "also")), "");
    expect(await saver.flush()).toBe(false);
    saver.decide(new Map([["a", "theirs"], ["b", "theirs"]]));
    await saver.flush();
    expect([saver.standing, shown(server.draft.document)]).toEqual(["saved", ["theirs", "also"]]);
  });

  test("what only the other changed is taken over and can be put back", async () => {
    const { store, saver, server } = sit(of(rule("a"), rule("b")));
    server.draft = { ...server.draft, document: of(rule("a", "theirs"), rule("b")), version: 9 };
    await saver.look();
    expect([shown(store.document), saver.overtaking?.differences.length, saver.standing]).toEqual([["theirs", "b"], 1, "saved"]);
    saver.decide(new Map([["a", "mine"]]));
    await saver.flush();
    expect(shown(server.draft.document)).toEqual(["a", "b"]);
  });
});
