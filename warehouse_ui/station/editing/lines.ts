/// Lines of one text against those of another. Pure.

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** Lines of one text against those of another, by the longest common sequence. */
export function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  const length = before.map(() => after.map(() => 0));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      length[i]![j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      lines.push({ kind: "same", text: before[i]! });
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) lines.push({ kind: "gone", text: before[i++]! });
    else lines.push({ kind: "new", text: after[j++]! });
  }
  return lines;
}
