import { describe, expect, test } from "vitest";
import { changeWidth } from "./canvas.ts";
import { type Rect, align, distribute, listLines, listTicks, resize, snapMove, snapResize } from "./geometry.ts";

const PAGE = { width: 210, height: 297 };
const MARGINS = { top: 15, right: 20, bottom: 15, left: 20 };
const box = (x: number, y: number, width = 30, height = 10): Rect => ({ x, y, width, height });

describe("snapping", () => {
  const lines = listLines([box(50, 100)], PAGE, MARGINS);

  test("a dragged box is drawn to another's edge within reach", () => {
    const { dx, dy, x, y } = snapMove(box(20, 60), 29.2, 39.4, lines, 1.5, 1);
    expect([20 + dx, 60 + dy, x, y]).toEqual([50, 100, 50, 100]);
  });

  test("margins and the middle of the page draw as well", () => {
    const { dx, x, y } = snapMove(box(23, 60), -2.1, 0.3, lines, 1.5, 0);
    expect([dx.toFixed(6), x, y]).toEqual(["-3.000000", 20, null]);
    expect(snapMove(box(80, 60), 9.3, 0.3, lines, 1.5, 0).x).toBe(105);
  });

  test("away from every line it keeps to the grid, without a guide", () => {
    const { dx, dy, x, y } = snapMove(box(22.4, 60.3), 9.1, 12.3, lines, 1, 1);
    expect([22.4 + dx, 60.3 + dy, x, y]).toEqual([32, 73, null, null]);
  });

  test("only the dragged edge moves when sizing", () => {
    const { dx, dy } = snapResize(box(20, 60), "e", 29.4, 7, lines, 1.5, 1);
    expect([20 + 30 + dx, dy]).toEqual([80, 0]);
  });
});

describe("sizing", () => {
  test("from each handle, and never to nothing", () => {
    expect(resize(box(10, 10), "se", 5, -3)).toEqual(box(10, 10, 35, 7));
    expect(resize(box(10, 10), "w", 5, 9)).toEqual(box(15, 10, 25, 10));
    expect(resize(box(10, 10), "n", 5, 20)).toEqual(box(10, 19, 30, 1));
    expect(resize(box(10, 10), "e", -90, 0).width).toBe(1);
  });

  test("the columns of a table fill its width and keep their shares", () => {
    const table = { width: 104, gutter: 2, columns: [{ field: "name", width: 60 }, { field: "quantity", width: 20 }, { field: "amount", width: 20 }] };
    expect(changeWidth(table, 54)).toEqual({ width: 54, columns: [{ field: "name", width: 30 }, { field: "quantity", width: 10 }, { field: "amount", width: 10 }] });
    const odd = changeWidth(table, 77) as { columns: { width: number }[] };
    expect(odd.columns.reduce((sum, { width }) => sum + width, 4)).toBeCloseTo(77, 9);
  });
});

describe("in line", () => {
  const boxes = [box(10, 10), box(25, 40, 20, 20), box(60, 25, 10, 5)];
  const moved = (moves: { dx: number; dy: number }[]): number[][] => moves.map(({ dx, dy }, at) => [boxes[at]!.x + dx, boxes[at]!.y + dy]);

  test("left, middle, right", () => {
    expect(moved(align(boxes, "left")).map(([x]) => x)).toEqual([10, 10, 10]);
    expect(moved(align(boxes, "right")).map(([x], at) => x! + boxes[at]!.width)).toEqual([70, 70, 70]);
    expect(moved(align(boxes, "middle")).map(([, y], at) => y! + boxes[at]!.height / 2)).toEqual([35, 35, 35]);
  });

  test("equal gaps; the outer two stay", () => {
    const [one, two, three] = moved(distribute(boxes, "x")) as [number[], number[], number[]];
    expect([one[0], three[0]]).toEqual([10, 60]);
    expect(two[0]! - 40).toBeCloseTo(60 - (two[0]! + 20), 9);
  });
});

test("labels of a ruler stand apart whatever the scale", () => {
  for (const scale of [0.8, 1.5, 3, 8]) {
    const labels = listTicks(297, scale).filter(({ isLabelled }) => isLabelled);
    expect((labels[1]!.at - labels[0]!.at) * scale).toBeGreaterThanOrEqual(44);
  }
});
