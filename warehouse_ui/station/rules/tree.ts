/// Changes of a condition tree: add, take away, negate, wrap, unwrap, move. Paths begin at the rule's `when`.

import { type Comparison, type Condition, type Join, type Path, findNumber, getAt, insertAt, removeAt, setAt } from "./document.ts";

export type Group = { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] };
export interface Changed {
  readonly tree: Condition;
  /** Where the moved or added part stands now. */
  readonly path: Path;
}

export const isComparison = (node: Condition): node is Comparison => "fact" in node;
export const isNegation = (node: Condition): node is { not: Condition } => "not" in node;
export const isGroup = (node: Condition): node is Group => "all" in node || "any" in node;
export const joinOf = (group: Group): Join => ("all" in group ? "all" : "any");
export const partsOf = (group: Group): readonly Condition[] => ("all" in group ? group.all : group.any);
export const makeGroup = (join: Join, parts: readonly Condition[]): Group => (join === "all" ? { all: parts } : { any: parts });

/** A tree whose root is a group, so that there is room beside what stands there. */
export function rooted(tree: Condition): Group {
  if (isGroup(tree)) return tree;
  return "always" in tree ? { all: [] } : { all: [tree] };
}

function nodeAt(tree: Condition, path: Path): Condition | undefined {
  return getAt(tree, path) as Condition | undefined;
}

/** A node's place is the group it stands in, and its number there; a negation around it belongs to it. */
function split(path: Path): { list: Path; index: number } {
  const at = findNumber(path);
  return { list: path.slice(0, at), index: path[at] as number };
}

function listAt(tree: Condition, list: Path): readonly Condition[] {
  return (getAt(tree, list) ?? []) as readonly Condition[];
}

/** Adds parts at the end of the group at `path`. */
export function add(tree: Condition, path: Path, ...parts: Condition[]): Changed {
  const root = path.length === 0 ? rooted(tree) : tree;
  const group = nodeAt(root, path);
  if (group === undefined || !isGroup(group)) return { tree, path };
  const count = partsOf(group).length;
  const join = joinOf(group);
  return { tree: setAt(root, path, makeGroup(join, [...partsOf(group), ...parts])) as Condition, path: [...path, join, count] };
}

/** Takes a part out; a group that is left without parts goes as well, but for the root. */
export function remove(tree: Condition, path: Path): Condition {
  if (!path.some((step) => typeof step === "number")) return { all: [] };
  const { list, index } = split(path);
  const left = removeAt(listAt(tree, list), index);
  const group = list.slice(0, -1);
  if (left.length === 0 && group.some((step) => typeof step === "number")) return remove(tree, group);
  return setAt(tree, list, left);
}

export function replace(tree: Condition, path: Path, part: Condition): Condition {
  return setAt(tree, path, part);
}

export function negate(tree: Condition, path: Path): Condition {
  const node = nodeAt(tree, path);
  if (node === undefined) return tree;
  return setAt(tree, path, isNegation(node) ? node.not : { not: node });
}

export function switchJoin(tree: Condition, path: Path): Condition {
  const node = nodeAt(tree, path);
  if (node === undefined || !isGroup(node)) return tree;
  return setAt(tree, path, makeGroup(joinOf(node) === "all" ? "any" : "all", partsOf(node)));
}

/** Puts a part into a group of its own, of the other kind than the one around it: that is what one wraps for. */
export function wrap(tree: Condition, path: Path): Changed {
  const node = nodeAt(tree, path);
  if (node === undefined) return { tree, path };
  const around = [...path].reverse().find((each) => each === "all" || each === "any");
  const join: Join = around === "any" ? "all" : "any";
  return { tree: setAt(tree, path, makeGroup(join, [node])), path: [...path, join, 0] };
}

/** Puts the parts of a group where the group stood. A negated group stays: its parts alone would mean something else. */
export function unwrap(tree: Condition, path: Path): Changed {
  const node = nodeAt(tree, path);
  if (node === undefined || !isGroup(node) || path.length === 0) return { tree, path };
  const { list, index } = split(path);
  const left = insertAt(removeAt(listAt(tree, list), index), index, ...partsOf(node));
  return { tree: setAt(tree, list, left), path: [...list, index] };
}

/** One step up or down: past a plain neighbour, into a neighbouring group, out of one's own at its edge. */
export function step(tree: Condition, path: Path, by: -1 | 1): Changed | null {
  if (!path.some((each) => typeof each === "number")) return null;
  const { list, index } = split(path);
  const parts = listAt(tree, list);
  const neighbour = parts[index + by];
  if (neighbour === undefined) return leave(tree, path, by);
  const inner = isNegation(neighbour) ? neighbour.not : neighbour;
  if (!isGroup(inner)) return moveInto(tree, path, list, index + by);
  const into: Path = [...list, index + by, ...(isNegation(neighbour) ? ["not"] : []), joinOf(inner)];
  return moveInto(tree, path, into, by === 1 ? 0 : partsOf(inner).length);
}

function leave(tree: Condition, path: Path, by: -1 | 1): Changed | null {
  const group = split(path).list.slice(0, -1);
  if (!group.some((each) => typeof each === "number")) return null;
  const outer = split(group);
  return moveInto(tree, path, outer.list, by === 1 ? outer.index + 1 : outer.index);
}

/** Moves a part to a number of another list (or its own). A list inside the moved part is no place for it. */
export function moveInto(tree: Condition, path: Path, list: Path, index: number): Changed | null {
  const from = split(path);
  const node = listAt(tree, from.list)[from.index];
  const source: Path = [...from.list, from.index];
  if (node === undefined || startsWith(list, source)) return null;
  if (isEqual(from.list, list)) {
    const left = removeAt(listAt(tree, list), from.index);
    const at = Math.max(0, Math.min(index, left.length));
    return { tree: setAt(tree, list, insertAt(left, at, node)), path: [...list, at] };
  }
  // 1. A mark keeps the place while the part is taken away, since numbers before it may change. 2. The part comes back.
  const mark: Condition = { fact: "", op: "" };
  const marked = setAt(tree, list, insertAt(listAt(tree, list), index, mark)) as Condition;
  const taken = remove(marked, findPath(marked, node) ?? path);
  const place = findPath(taken, mark);
  return place === null ? null : { tree: setAt(taken, place, node), path: place };
}

function findPath(tree: Condition, wanted: Condition, path: Path = []): Path | null {
  if (tree === wanted) return path;
  if (isNegation(tree)) return findPath(tree.not, wanted, [...path, "not"]);
  if (!isGroup(tree)) return null;
  for (const [index, part] of partsOf(tree).entries()) {
    const found = findPath(part, wanted, [...path, joinOf(tree), index]);
    if (found) return found;
  }
  return null;
}

const isEqual = (one: Path, other: Path): boolean => one.length === other.length && startsWith(one, other);
const startsWith = (path: Path, start: Path): boolean => start.every((each, index) => path[index] === each);
