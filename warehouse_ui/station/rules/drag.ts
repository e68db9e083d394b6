/// Dragging rows by their handle, with mouse, pen or finger. The same by keyboard is Alt and an arrow.

export interface Drop {
  readonly kind: string;
  readonly from: (string | number)[];
  readonly list: (string | number)[];
  readonly number: number;
}
const START = 5;

export function listenDrags(root: HTMLElement, onDrop: (drop: Drop) => void): void {
  root.addEventListener("pointerdown", (event) => {
    const handle = (event.target as Element).closest<HTMLElement>("[data-handle]");
    if (handle === null || event.button !== 0) return;
    const row = handle.closest<HTMLElement>("[data-move]");
    if (row !== null) follow(row, handle, event, onDrop);
  });
}

function follow(row: HTMLElement, handle: HTMLElement, start: PointerEvent, onDrop: (drop: Drop) => void): void {
  const kind = row.dataset["move"] ?? "";
  let target: { element: HTMLElement; isAfter: boolean } | null = null;
  let isDragged = false;
  const clear = (): void => target?.element.classList.remove("drop-before", "drop-after");
  const move = (event: PointerEvent): void => {
    if (!isDragged && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < START) return;
    if (!isDragged) {
      isDragged = true;
      handle.setPointerCapture(start.pointerId);
      row.classList.add("dragged");
    }
    event.preventDefault();
    clear();
    target = findTarget(row, kind, event);
    target?.element.classList.add(target.isAfter ? "drop-after" : "drop-before");
    scrollAtEdge(event.clientY);
  };
  const end = (event: PointerEvent): void => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
    clear();
    row.classList.remove("dragged");
    if (!isDragged || target === null || event.type === "pointercancel") return;
    const { drop = "[]", number = "0" } = target.element.dataset;
    onDrop({ kind, from: JSON.parse(row.dataset["path"] ?? "[]") as number[], list: JSON.parse(drop) as number[], number: Number(number) + (target.isAfter ? 1 : 0) });
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

/** The innermost row or free place under the pointer that takes this kind and is not within what is dragged. */
function findTarget(row: HTMLElement, kind: string, { clientX, clientY }: PointerEvent): { element: HTMLElement; isAfter: boolean } | null {
  for (const under of document.elementsFromPoint(clientX, clientY)) {
    const element = under.closest<HTMLElement>(`[data-drop][data-kind="${kind}"]`);
    if (element === null || row.contains(element)) continue;
    const box = element.getBoundingClientRect();
    return { element, isAfter: element.hasAttribute("data-move") && clientY > box.top + box.height / 2 };
  }
  return null;
}

function scrollAtEdge(y: number): void {
  if (y < 60) scrollBy(0, -12);
  else if (y > innerHeight - 60) scrollBy(0, 12);
}
