/// One small window beside what was pressed; on a phone it rises from below. Escape leaves, anything else keeps.

import { h } from "../bench/dom.ts";

export interface Content {
  readonly body: readonly (Node | null)[];
  /** Where typing begins. */
  readonly focus?: HTMLElement;
  /** Called when the window is left by anything but Escape: what was entered is kept. */
  readonly keep?: () => void;
}
export type Close = (isKept?: boolean) => void;

let shown: HTMLDialogElement | null = null;

export function openPanel(anchor: Element, title: string, build: (close: Close) => Content, after: () => void, wide = false): void {
  shown?.close();
  const dialog = h("dialog", { class: `rule-panel${wide ? " wide" : ""}`, "aria-label": title }) as HTMLDialogElement;
  let content: Content | null = null;
  let isKept = false;
  const close: Close = (kept = true) => {
    isKept = kept;
    dialog.close();
  };
  content = build(close);
  dialog.append(h("h2", {}, title), ...content.body.filter((node) => node !== null));
  dialog.addEventListener("cancel", () => (isKept = false));
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && isOutside(dialog, event) && close(true));
  dialog.addEventListener("close", () => {
    dialog.remove();
    shown = null;
    if (isKept) content.keep?.();
    after();
  });
  document.body.append(dialog);
  dialog.showModal();
  shown = dialog;
  place(dialog, anchor);
  const focus = content.focus ?? dialog.querySelector<HTMLElement>("input, button");
  focus?.focus();
  // What belongs to it (the list below a search) is seen too, where the window has to be scrolled.
  if (dialog.scrollHeight > dialog.clientHeight) focus?.closest(".field, details")?.scrollIntoView({ block: "center" });
}

function isOutside(dialog: HTMLElement, { clientX, clientY }: PointerEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

/** Below the anchor where there is room for all of it, else above, else over it: what lies below an edge is not looked for.
 * The style sheet overrules this on a phone. */
function place(dialog: HTMLElement, anchor: Element): void {
  const [at, own, gap] = [anchor.getBoundingClientRect(), dialog.getBoundingClientRect(), 8];
  const [below, above] = [innerHeight - at.bottom - 2 * gap, at.top - 2 * gap];
  const height = Math.min(own.height, innerHeight - 2 * gap);
  const isBelow = height <= below;
  const isAbove = !isBelow && height <= above;
  const top = isBelow ? at.bottom + gap : isAbove ? at.top - gap - height : innerHeight - gap - height;
  // It may grow when a part of it is unfolded, downwards as far as the screen goes.
  const room = innerHeight - gap - top;
  dialog.style.setProperty("--panel-room", `${room}px`);
  dialog.style.setProperty("--panel-top", `${top}px`);
  dialog.style.setProperty("--panel-left", `${Math.max(gap, Math.min(at.left, innerWidth - own.width - gap))}px`);
}
