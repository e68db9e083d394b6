import { expect, test } from "vitest";
import { type Snapshot, findThing } from "./snapshot.ts";
import { shorten } from "./view.ts";

test("digits of a product are shown as they are, even where they could be a code of ours", () => {
  expect(shorten("4569951110344")).toBe("4569951110344");
});
test("a code of ours is shown in groups, also out of its address", () => {
  expect(shorten("https://bench.example/c/EE36VTJ27S2QH")).toBe("EE36-VTJ2-7S2QH");
});
test("a refused barcode is named by any parcel that expects it", () => {
  const soap = { name: "せっけん", keys: ["04569951110344", "S-SOA-H80"] };
  const snapshot = { parcels: [{ units: [] }, { units: [soap] }] } as unknown as Snapshot;
  expect(findThing(snapshot, "4569951110344")?.name).toBe("せっけん");
  expect(findThing(snapshot, "4901234567894")).toBeNull();
});
