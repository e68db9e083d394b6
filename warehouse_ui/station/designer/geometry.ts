/// Places and sizes on a page, in millimetres: snapping, aligning, resizing. Pure.

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Lines {
  readonly x: readonly number[];
  readonly y: readonly number[];
}
export interface Snapped {
  readonly dx: number;
  readonly dy: number;
  /** Where a guide is shown. */
  readonly x: number | null;
  readonly y: number | null;
}
export type Side = "left" | "center" | "right" | "top" | "middle" | "bottom";
export type Handle = "n" | "e" | "s" | "w" | "se";

const edges = (start: number, length: number): [number, number, number] => [start, start + length / 2, start + length];

/** The lines that others, the margins and the page offer. */
export function listLines(others: readonly Rect[], page: { width: number; height: number }, margins: { top: number; right: number; bottom: number; left: number }): Lines {
  return {
    x: [0, page.width / 2, page.width, margins.left, page.width - margins.right, ...others.flatMap(({ x, width }) => edges(x, width))],
    y: [0, page.height / 2, page.height, margins.top, page.height - margins.bottom, ...others.flatMap(({ y, height }) => edges(y, height))],
  };
}

interface Pull {
  readonly by: number;
  readonly line: number | null;
}

/** The smallest step that brings one of the points to a line; else the first point to the grid. */
function pull(points: readonly number[], lines: readonly number[], reach: number, grid: number): Pull {
  let best: Pull | null = null;
  for (const point of points) {
    for (const line of lines) {
      const by = line - point;
      if (Math.abs(by) <= reach && (best === null || Math.abs(by) < Math.abs(best.by) - 1e-9)) best = { by, line };
    }
  }
  if (best !== null) return best;
  const first = points[0] ?? 0;
  return { by: grid > 0 ? Math.round(first / grid) * grid - first : 0, line: null };
}

/** How far a box moves when it is dragged so far: to lines within reach, else along the grid. */
export function snapMove(box: Rect, dx: number, dy: number, lines: Lines, reach: number, grid: number): Snapped {
  const across = pull(edges(box.x + dx, box.width), lines.x, reach, grid);
  const down = pull(edges(box.y + dy, box.height), lines.y, reach, grid);
  return { dx: dx + across.by, dy: dy + down.by, x: across.line, y: down.line };
}

/** How far a dragged edge moves. */
export function snapResize(box: Rect, handle: Handle, dx: number, dy: number, lines: Lines, reach: number, grid: number): Snapped {
  const isAcross = handle === "e" || handle === "w" || handle === "se";
  const isDown = handle === "n" || handle === "s" || handle === "se";
  const across = isAcross ? pull([(handle === "w" ? box.x : box.x + box.width) + dx], lines.x, reach, grid) : { by: -dx, line: null };
  const down = isDown ? pull([(handle === "n" ? box.y : box.y + box.height) + dy], lines.y, reach, grid) : { by: -dy, line: null };
  return { dx: dx + across.by, dy: dy + down.by, x: across.line, y: down.line };
}

export const LEAST = 1;

export function resize(box: Rect, handle: Handle, dx: number, dy: number): Rect {
  const { x, y, width, height } = box;
  if (handle === "w") {
    const by = Math.min(dx, width - LEAST);
    return { x: x + by, y, width: width - by, height };
  }
  if (handle === "n") {
    const by = Math.min(dy, height - LEAST);
    return { x, y: y + by, width, height: height - by };
  }
  return { x, y, width: handle === "s" ? width : Math.max(LEAST, width + dx), height: handle === "e" ? height : Math.max(LEAST, height + dy) };
}

/** How far each box moves so that all stand in line. */
export function align(boxes: readonly Rect[], side: Side): { dx: number; dy: number }[] {
  const isAcross = side === "left" || side === "center" || side === "right";
  const starts = boxes.map(({ x, y }) => (isAcross ? x : y));
  const ends = boxes.map(({ x, y, width, height }) => (isAcross ? x + width : y + height));
  const [low, high] = [Math.min(...starts), Math.max(...ends)];
  return boxes.map((_, at) => {
    const [start, end] = [starts[at]!, ends[at]!];
    const by = side === "left" || side === "top" ? low - start : side === "right" || side === "bottom" ? high - end : (low + high) / 2 - (start + end) / 2;
    return isAcross ? { dx: by, dy: 0 } : { dx: 0, dy: by };
  });
}

/** How far each box moves so that the gaps between them are the same. The outer two stay. */
export function distribute(boxes: readonly Rect[], axis: "x" | "y"): { dx: number; dy: number }[] {
  const size = axis === "x" ? "width" : "height";
  const order = boxes.map((_, at) => at).sort((one, other) => boxes[one]![axis] - boxes[other]![axis]);
  const first = boxes[order[0] ?? 0];
  const last = boxes[order.at(-1) ?? 0];
  if (first === undefined || last === undefined || boxes.length < 3) return boxes.map(() => ({ dx: 0, dy: 0 }));
  const room = last[axis] + last[size] - first[axis] - boxes.reduce((sum, box) => sum + box[size], 0);
  const gap = room / (boxes.length - 1);
  const moves = boxes.map(() => ({ dx: 0, dy: 0 }));
  let at = first[axis];
  for (const number of order) {
    const by = at - boxes[number]![axis];
    moves[number] = axis === "x" ? { dx: by, dy: 0 } : { dx: 0, dy: by };
    at += boxes[number]![size] + gap;
  }
  return moves;
}

/** Marks of a ruler: every so many millimetres, so that labels stand at least `apart` pixels from each other. */
export function listTicks(length: number, scale: number, apart = 44): { at: number; isLabelled: boolean }[] {
  const step = [1, 2, 5, 10, 20, 50, 100].find((each) => each * scale >= 5) ?? 100;
  const label = [5, 10, 20, 50, 100, 200].find((each) => each * scale >= apart && each % step === 0) ?? 200;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, number) => ({ at: number * step, isLabelled: (number * step) % label === 0 }));
}
