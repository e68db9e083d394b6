import { describe, expect, test } from "vitest";
import { findTone } from "./tones.ts";
import { fill, findWords } from "./words.ts";

describe.each(["ja", "en"])("words in %s", (language) => {
  const words = findWords(language);

  test("each outcome has a title and a next step of its own", () => {
    const titles = Object.values(words.outcome).map((saying) => saying.title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(Object.values(words.outcome).every((saying) => saying.next !== "")).toBe(true);
  });
});

test("English fills in what Japanese fills in", () => {
  const places = (text: unknown): string[] => (typeof text === "string" ? [...text.matchAll(/\{\w+\}/g)].map(String).sort() : []);
  const [ja, en] = [findWords("ja"), findWords("en")];
  for (const key of Object.keys(ja) as (keyof typeof ja)[]) expect(places(en[key])).toEqual(places(ja[key]));
});

test("right, wrong and finished sound different", () => {
  const sounds = ["accepted", "wrong_item", "label_bound"].map((outcome) => findTone(outcome as "accepted").sound);
  expect(new Set(sounds).size).toBe(3);
});

test("an unknown language speaks Japanese", () => expect(findWords("fr")).toBe(findWords("ja")));
test("values are filled in by name", () => expect(fill("{packed} of {total}", { packed: 1, total: 2 })).toBe("1 of 2"));
