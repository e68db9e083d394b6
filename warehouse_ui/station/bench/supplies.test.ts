import { expect, test } from "vitest";
import type { Snapshot } from "./snapshot.ts";
import { listLetters, listPictures } from "./supplies.ts";

const unit = (name: string, picture: string | null): unknown => ({ name, picture });
const snapshot = {
  parcels: [
    { tasks: ["のし"], units: [unit("茶筅", "/files/pictures/1"), unit("納品書", null)] },
    { tasks: [], units: [unit("茶筅", "/files/pictures/1"), unit("茶", "/files/pictures/2")] },
  ],
} as unknown as Snapshot;

test("each picture of the wave is fetched once", () => {
  expect(listPictures(snapshot)).toEqual(["/files/pictures/1", "/files/pictures/2"]);
});
test("each character of the wave's names and tasks is loaded once", () => {
  expect(listLetters(snapshot)).toBe([..."のし茶筅納品書"].sort().join(""));
});
