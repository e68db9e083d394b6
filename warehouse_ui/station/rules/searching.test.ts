import { expect, test } from "vitest";
import { search, searchAlike } from "./searching.ts";

const items = [
  { label: "注文回数(今回を含む)", words: "何回目の注文 初回 リピーター nth order" },
  { label: "買ったことのある商品", words: "skus bought" },
  { label: "送料", words: "そうりょう shipping" },
];
const labels = (found: readonly { label: string }[]): string[] => found.map(({ label }) => label);

test("what holds every word is found, in any script and order", () => {
  expect(labels(search(items, "ソウリョウ"))).toEqual(["送料"]);
  expect(labels(search(items, "order nth"))).toEqual(["注文回数(今回を含む)"]);
});

test("a phrase that nothing holds whole finds what shares most of it", () => {
  expect(labels(searchAlike(items, "買ったことがある"))).toEqual(["買ったことのある商品"]);
  expect(labels(searchAlike(items, "2回目の注文"))).toEqual(["注文回数(今回を含む)"]);
  expect(labels(searchAlike(items, "まったく違う"))).toEqual([]);
});

test("what is found whole is not mixed with what is only alike", () => {
  expect(labels(searchAlike(items, "送料"))).toEqual(["送料"]);
});
