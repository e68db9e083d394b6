import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Key, Wedge, readKey } from "./wedge.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function key(name: string, at: number, code = "", shift = false): Key {
  return { key: name, code, shift, at };
}

/** Types a text at a pace; returns what was scanned. */
function type(text: string, { gap = 8, suffix = "Enter" as string | null, scans = [] as string[], wedge = null as Wedge | null } = {}): string[] {
  const target = wedge ?? new Wedge((scan) => scans.push(scan));
  let at = 1000;
  for (const character of text) target.take(key(character, (at += gap)));
  if (suffix) target.take(key(suffix, at + gap));
  else vi.advanceTimersByTime(1000);
  return scans;
}

describe("suffixes", () => {
  test.each(["Enter", "Tab"])("a scan ends with %s", (suffix) => expect(type("4901234567894", { suffix })).toEqual(["4901234567894"]));
  test("a scan without suffix ends by silence", () => expect(type("4901234567894", { suffix: null })).toEqual(["4901234567894"]));
  test("what a person types slowly is no scan without Enter", () => expect(type("49012", { suffix: null, gap: 90 })).toEqual([]));
  test("a lone Enter is no scan", () => expect(type("", {})).toEqual([]));
});

test("a pause begins anew: a key pressed before does not stick to the scan", () => {
  const scans: string[] = [];
  const wedge = new Wedge((scan) => scans.push(scan));
  wedge.take(key("x", 0));
  vi.advanceTimersByTime(1900);
  for (const [index, character] of [..."ABC-1"].entries()) wedge.take(key(character, 1900 + index * 8));
  wedge.take(key("Enter", 1950));
  expect(scans).toEqual(["ABC-1"]);
});

test("a pause within a scan does not cut it, once the scanner has shown its suffix", () => {
  const scans: string[] = [];
  const wedge = new Wedge((scan) => scans.push(scan));
  type("4901234567894", { wedge });
  for (const [index, character] of [..."HALF"].entries()) wedge.take(key(character, 5000 + index * 8));
  vi.advanceTimersByTime(400);
  for (const [index, character] of [..."WAY"].entries()) wedge.take(key(character, 5424 + index * 8));
  wedge.take(key("Enter", 5460));
  expect(scans).toEqual(["4901234567894", "HALFWAY"]);
});

test("keys of a scan do not press the button that has the focus", () => {
  const wedge = new Wedge(() => undefined);
  expect(wedge.take(key("Enter", 0))).toBe(false);
  expect(wedge.take(key("A", 10))).toBe(false);
  expect(wedge.take(key("B", 18))).toBe(true);
  expect(wedge.take(key("Enter", 26))).toBe(true);
});

describe("an IME that is on", () => {
  test("full-width characters arrive as they are", () => expect(type("４９０１")).toEqual(["４９０１"]));
  test.each([
    [key("Process", 0, "Digit7"), "7"],
    [key("Process", 0, "Numpad3"), "3"],
    [key("Process", 0, "KeyA", true), "A"],
    [key("Process", 0, "KeyA"), "a"],
    [key("Unidentified", 0, "Slash"), "/"],
    [key("Process", 0, "Minus"), "-"],
    [key("Shift", 0, "ShiftLeft"), null],
    [key("F5", 0, "F5"), null],
  ])("a swallowed key is told by its place %#", (pressed, expected) => expect(readKey(pressed)).toBe(expected));
});

test("the second of two suffixes belongs to the scan, a later Enter is a person's", () => {
  const wedge = new Wedge(() => undefined);
  for (const [index, character] of [..."ABC-1"].entries()) wedge.take(key(character, index * 8));
  expect(wedge.take(key("Enter", 40))).toBe(true);
  expect(wedge.take(key("Enter", 45))).toBe(true);
  expect(wedge.take(key("Enter", 1200))).toBe(false);
});

describe("in a field in which a person writes", () => {
  function write(text: string, gap: number): { scans: string[]; isTaken: boolean } {
    const scans: string[] = [];
    const wedge = new Wedge((scan) => scans.push(scan), true);
    for (const [index, character] of [...text].entries()) wedge.take(key(character, index * gap));
    return { scans, isTaken: wedge.take(key("Enter", text.length * gap)) };
  }

  test("a scan that went there is told and its Enter taken", () => {
    expect(write("4901234567894", 8)).toEqual({ scans: ["4901234567894"], isTaken: true });
  });
  test("what a person writes stays theirs, and so does the Enter", () => expect(write("torn bag", 110)).toEqual({ scans: [], isTaken: false }));
});
