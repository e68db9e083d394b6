import { describe, expect, test } from "vitest";
import { type Catalogue, Knowledge, reshape } from "./catalogue.ts";
import { readNumber } from "./comparison_panel.ts";
import type { Rule } from "./document.ts";
import { fold, search } from "./searching.ts";
import { Store } from "../editing/store.ts";
import { Teller } from "./telling.ts";
import { fill, findWords } from "./words.ts";

const fact = (key: string, type: string, label: string, more: object = {}): object => ({
  key, group: key.split(".")[0], type, label, about: "", words: label, as_of: "", example: 1, unit: "", minimum: null, maximum: null, personal: false, choices: [], values: null, parameters: [], ...more,
});
const DAYS = { key: "days", type: "days", label: "日数", required: false, choices: [], values: null };
const CATEGORIES = { key: "categories", type: "texts", label: "カテゴリ", required: false, choices: [], values: "categories" };
const CATALOGUE = {
  groups: [], inserts: [{ key: "tea", label: "緑茶サンプル", names: { ja: "緑茶サンプル", en: "Tea sample" }, words: "", kind: "sample", kind_label: "", active: true, picture: null, available: 3 }],
  templates: [], slots: [], purposes: [], placeholders: [], lists: {},
  facts: [
    fact("customer.nth_order", "number", "注文回数(今回を含む)", { unit: "回" }), fact("order.total", "money", "注文金額"), fact("order.is_gift", "boolean", "ギフト注文"),
    fact("history.purchase_count", "number", "購入回数", { unit: "回", parameters: [DAYS, CATEGORIES] }), fact("order.skus", "text_set", "注文した商品", { values: "products" }),
  ],
  operators: [
    { key: "equals", types: ["number", "money", "boolean"], shape: "one", phrase: "{fact}が{value}である" }, { key: "at_least", types: ["number", "money"], shape: "one", phrase: "{fact}が{value}以上" },
    { key: "has_any", types: ["text_set"], shape: "texts", phrase: "{fact}に{value}のいずれかがある" }, { key: "is_missing", types: ["number", "money"], shape: "nothing", phrase: "{fact}が不明" },
  ],
} as unknown as Catalogue;
const knowledge = new Knowledge(CATALOGUE);
const teller = new Teller(knowledge, findWords("ja"), "ja");

describe("a rule in words", () => {
  test("a condition reads in Japanese word order, its filters before the fact", () => {
    expect(teller.condition({ fact: "history.purchase_count", with: { days: 180, categories: ["お茶"] }, op: "at_least", value: 2 })).toBe("過去180日のカテゴリ: お茶の購入回数が2回以上");
    expect(teller.condition({ fact: "order.is_gift", op: "equals", value: false })).toBe("ギフト注文に当てはまらない");
    expect(teller.condition({ fact: "order.total", op: "is_missing" })).toBe("注文金額が不明");
  });

  test("groups within groups have brackets, the outermost has none", () => {
    const one = { fact: "order.is_gift", op: "equals", value: true } as const;
    expect(teller.condition({ all: [one, { any: [one, { not: one }] }] })).toBe("ギフト注文に当てはまる、かつ（ギフト注文に当てはまる、または「ギフト注文に当てはまる」ではない）");
  });

  test("what is missing is a chip that asks", () => {
    const open = teller.comparison({ fact: "order.total", op: "at_least" }).filter((part) => part.isOpen);
    expect(open.map(({ role, text }) => [role, text])).toEqual([["value", "値を選ぶ"]]);
  });

  test("names are said in the language of the name, whatever the reader's", () => {
    const english = new Teller(knowledge, findWords("en"), "en");
    expect(english.shortAction({ do: "enclose", insert: "tea" })).toBe("Enclose Tea sample");
    expect(teller.shortAction({ do: "enclose", insert: "tea", quantity: 2 })).toBe("緑茶サンプルを2個入れる");
  });

  test("the lines of a rule name all that was set", () => {
    const rule: Rule = { key: "a", name: { ja: "名", en: "n" }, when: { always: true }, then: [{ do: "enclose", insert: "tea" }], limits: [{ per_customer: 1, within_days: 90 }], valid: { from: "2026-11-01" }, group: "g", gifts: "never", enabled: false };
    expect(teller.lines(rule)).toEqual(["名前: 名", "使わない", "条件: すべての出荷", "する: 緑茶サンプルを入れる", "1人のお客様に、90日間で1回まで", "2026/11/1からの注文", "グループ: g", "このルールを使わない"]);
  });
});

describe("what a fact begins with", () => {
  test("history counts ask for at least, amounts too, a truth is true", () => {
    expect(knowledge.start(knowledge.fact("history.purchase_count")!).op).toBe("at_least");
    expect(knowledge.start(knowledge.fact("order.is_gift")!)).toEqual({ fact: "order.is_gift", op: "equals", value: true });
    expect(knowledge.start(knowledge.fact("order.skus")!).op).toBe("has_any");
  });

  test("a value survives another operator where it can", () => {
    expect(reshape("a", "one", "texts")).toEqual(["a"]);
    expect(reshape(["a", "b"], "texts", "one")).toBe("a");
    expect(reshape(3, "one", "nothing")).toBeUndefined();
  });
});

describe("typing", () => {
  test("numbers are read as people type them", () => expect([readNumber("１，０００"), readNumber("2.5"), readNumber(""), readNumber("many"), readNumber("12,5")]).toEqual([1000, 2.5, undefined, "many", "12,5"]));
  test("kana, width and case are one", () => expect(fold("ﾃｲｷ ＡＢ")).toBe("ていき ab"));

  test("what begins with the query comes first, then what holds it", () => {
    const items = [{ label: "前回購入からの日数", words: "ぜんかいこうにゅう" }, { label: "購入回数", words: "こうにゅうかいすう purchases" }, { label: "ギフト", words: "gift" }];
    expect(search(items, "購入").map(({ label }) => label)).toEqual(["購入回数", "前回購入からの日数"]);
    expect(search(items, "コウニュウ かいすう").map(({ label }) => label)).toEqual(["購入回数"]);
    expect(search(items, "GIFT")).toHaveLength(1);
  });

  test("letters of one text are one change; undoing goes back and forth", () => {
    const at = (name: string): { format: number; rules: Rule[] } => ({ format: 1, rules: [{ key: "a", name: { ja: name, en: "" }, when: { always: true }, then: [] }] });
    const store = new Store(at(""));
    for (const text of ["お", "お礼"]) store.change(at(text), "名前", "name");
    store.change(at("お礼2"), "ほか");
    expect(store.undo()).toBe("ほか");
    expect(store.undo()).toBe("名前");
    expect(store.document.rules[0]!.name.ja).toBe("");
    expect([store.redo(), store.redo(), store.redo()]).toEqual(["名前", "ほか", null]);
  });
});

test("English says everything Japanese says, with the same places to fill", () => {
  const places = (text: unknown): string[] => (typeof text === "string" ? [...text.matchAll(/\{\w*\}/g)].map(String).sort() : []);
  const walk = (ja: object, en: object, path: string): string[] =>
    Object.entries(ja).flatMap(([key, text]) => {
      const other = (en as Record<string, unknown>)[key];
      if (typeof text === "object" && text !== null) return walk(text as object, other as object, `${path}.${key}`);
      return JSON.stringify(places(text)) === JSON.stringify(places(other)) ? [] : [`${path}.${key}`];
    });
  expect(walk(findWords("ja"), findWords("en"), "")).toEqual([]);
  expect(fill("{a} {b}", { a: 1 })).toBe("1 {b}");
});
