import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { readKeys } from "./reading.ts";
import { type Outcome, type Scan, type World, apply, decide, isAccepted } from "./verify.ts";

interface Step extends Scan {
  outcome: Outcome;
  unit?: string;
  parcel_is?: string;
  original?: Outcome;
}
interface Corpus {
  reading: { name: string; text: string; keys: string[] }[];
  worlds: Record<string, World>;
  cases: { name: string; world: string; steps: Step[] }[];
}
const path = resolve(import.meta.dirname, "../../tests/fulfillment/verification_cases.json");
const corpus = JSON.parse(readFileSync(path, "utf-8")) as Corpus;

describe("reading", () => {
  test.each(corpus.reading)("$name", ({ text, keys }) => expect(readKeys(text)).toEqual(keys));
});

describe("cases shared with the server", () => {
  test.each(corpus.cases)("$name", ({ world: name, steps }) => {
    let world = corpus.worlds[name] as World;
    const judged = new Map<string, Outcome>();
    for (const step of steps) {
      const judgement = decide(world, step, judged);
      expect(judgement, JSON.stringify(step)).toMatchObject(expected(step));
      judged.set(step.id, judged.get(step.id) ?? judgement.outcome);
      world = apply(world, judgement);
    }
  });
});

function expected(step: Step): Record<string, unknown> {
  return {
    outcome: step.outcome,
    ...(step.unit === undefined ? {} : { unit: step.unit }),
    ...(step.parcel_is === undefined ? {} : { parcel: step.parcel_is }),
    ...(step.original === undefined ? {} : { original: step.original }),
  };
}

test("no order of scans verifies more than is expected or packs what is incomplete", () => {
  const start = corpus.worlds["shop"] as World;
  const texts = [...start.parcels.flatMap((parcel) => parcel.units.flatMap((unit) => unit.keys)), ...start.void, "NONSENSE"];
  let seed = 20261121;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 80; round++) {
    let world = start;
    for (let index = 0; index < 40; index++) {
      const parcel = next(3) === 0 ? null : (world.parcels[next(world.parcels.length)]?.id ?? null);
      const judgement = decide(world, { id: `${index}`, parcel, text: texts[next(texts.length)] ?? "" }, new Map());
      const after = apply(world, judgement);
      if (!isAccepted(judgement.outcome)) expect(after).toBe(world);
      world = after;
      for (const each of world.parcels) {
        expect(each.units.every((unit) => unit.verified <= unit.quantity)).toBe(true);
        if (each.standing === "packed") expect(each.units.every((unit) => unit.verified === unit.quantity)).toBe(true);
      }
    }
  }
});
