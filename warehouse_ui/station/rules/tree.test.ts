import { describe, expect, test } from "vitest";
import type { Condition } from "./document.ts";
import * as tree from "./tree.ts";

const part = (name: string): Condition => ({ fact: name, op: "is_known" });
const [a, b, c] = [part("a"), part("b"), part("c")];
const names = (node: Condition): unknown =>
  tree.isComparison(node) ? node.fact : tree.isNegation(node) ? { not: names(node.not) } : tree.isGroup(node) ? [tree.joinOf(node), ...tree.partsOf(node).map(names)] : "always";

describe("a condition tree", () => {
  test("a bare condition gets a group around it when another one comes", () => {
    const grown = tree.add(a, [], b);
    expect(names(grown.tree)).toEqual(["all", "a", "b"]);
    expect(grown.path).toEqual(["all", 1]);
  });

  test("«every shipment» gives way to the first condition", () => expect(names(tree.add({ always: true }, [], a).tree)).toEqual(["all", "a"]));

  test("a group that is left without parts goes with its last part", () => {
    expect(names(tree.remove({ all: [a, { any: [b] }] }, ["all", 1, "any", 0]))).toEqual(["all", "a"]);
    expect(names(tree.remove({ all: [{ not: { any: [b] } }] }, ["all", 0, "not", "any", 0]))).toEqual(["all"]);
  });

  test("a part is wrapped into the other kind of group and taken out again", () => {
    const wrapped = tree.wrap({ all: [a, b] }, ["all", 1]);
    expect(names(wrapped.tree)).toEqual(["all", "a", ["any", "b"]]);
    expect(wrapped.path).toEqual(["all", 1, "any", 0]);
    expect(names(tree.unwrap(wrapped.tree, ["all", 1]).tree)).toEqual(["all", "a", "b"]);
  });

  test("twice not is as it was", () => {
    const once = tree.negate({ all: [a] }, ["all", 0]);
    expect(names(once)).toEqual(["all", { not: "a" }]);
    expect(names(tree.negate(once, ["all", 0]))).toEqual(["all", "a"]);
  });

  test("a step leads past a neighbour, into a group, through it and out again", () => {
    let at: tree.Changed = { tree: { all: [a, b, { any: [c] }] }, path: ["all", 0] };
    const steps = [
      ["all", "b", "a", ["any", "c"]],
      ["all", "b", ["any", "a", "c"]],
      ["all", "b", ["any", "c", "a"]],
      ["all", "b", ["any", "c"], "a"],
    ];
    for (const expected of steps) {
      at = tree.step(at.tree, at.path, 1)!;
      expect(names(at.tree)).toEqual(expected);
    }
    expect(tree.step(at.tree, at.path, 1)).toBeNull();
    for (const expected of [...steps.slice(0, 3)].reverse()) {
      at = tree.step(at.tree, at.path, -1)!;
      expect(names(at.tree)).toEqual(expected);
    }
  });

  test("the last part leaves its group, and the group goes", () => {
    const left = tree.step({ all: [{ any: [a] }, b] }, ["all", 0, "any", 0], 1)!;
    expect(names(left.tree)).toEqual(["all", "a", "b"]);
    expect(left.path).toEqual(["all", 0]);
  });

  test("a part is dropped into another group; a group never into itself", () => {
    const moved = tree.moveInto({ all: [a, { any: [b, c] }] }, ["all", 0], ["all", 1, "any"], 1)!;
    expect(names(moved.tree)).toEqual(["all", ["any", "b", "a", "c"]]);
    expect(moved.path).toEqual(["all", 0, "any", 1]);
    expect(tree.moveInto({ all: [{ any: [b] }] }, ["all", 0], ["all", 0, "any"], 0)).toBeNull();
  });
});
