// @vitest-environment jsdom
import { expect, test } from "vitest";

import { buildConflictNotice, openConflict, type Telling } from "./conflict.ts";
import { conflictEn } from "./conflict_words.ts";
import type { Choice, Difference, Saver } from "./saving.ts";

// This document has no windows above it: they are opened and closed by their attribute here.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) { this.open = true; };
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) { this.open = false; };

const telling: Telling<string> = {
  words: { ...conflictEn, comma: ", " },
  showsSame: false,
  name: ({ key }) => key,
  lines: (part) => part.split(";"),
};

function overtake(differences: Difference<string>[]): { saver: Saver<object, string>; decided: Map<string, Choice>[] } {
  const decided: Map<string, Choice>[] = [];
  const saver = { standing: "undecided", overtaking: { by: "Hana", differences }, decide: (choices: Map<string, Choice>) => decided.push(choices), dismiss: () => undefined };
  return { saver: saver as unknown as Saver<object, string>, decided };
}

test("a part that the other deleted is told and may be kept", () => {
  const { saver, decided } = overtake([
    { key: "title", base: "a;b", mine: "a;c", theirs: null, isBoth: true },
    { key: "date", base: "x", mine: "x", theirs: "y", isBoth: false },
  ]);
  expect(buildConflictNotice(telling, saver)?.textContent).toContain("「title」, 「date」");
  openConflict(telling, saver);
  const dialog = document.querySelector("dialog")!;
  const [title, date] = ["title", "date"].map((key) => dialog.querySelector<HTMLElement>(`[data-difference="${key}"]`)!) as [HTMLElement, HTMLElement];
  expect(title.textContent).toContain("Hana deleted this.");
  expect(title.textContent).toContain("Delete it, as Hana did");
  expect([...date.querySelectorAll("ins")].map((each) => each.textContent)).toEqual(["y"]);
  title.querySelector<HTMLInputElement>("[value='mine']")!.click();
  dialog.querySelector<HTMLButtonElement>("#decide-differences")!.click();
  expect(Object.fromEntries(decided[0]!)).toEqual({ title: "mine", date: "theirs" });
});
