/// The three small windows: confirm a unit by hand, set the parcel aside, type a code.

import { cleanScan } from "../reading.ts";
import { find, h, icon } from "./dom.ts";
import type { SnapshotUnit } from "./snapshot.ts";
import { type Words, fill } from "./words.ts";

const dialog = (): HTMLDialogElement => find("dialog") as HTMLDialogElement;

/** Asks for a reason; `unit` is to be confirmed, or null for setting the parcel aside. A task is offered as done. */
export function askReason(words: Words, unit: SnapshotUnit | null, onReason: (reason: string) => void): void {
  const reasons = Object.entries(unit === null ? words.asideReasons : words.handReasons);
  const first = unit?.kind === "task" ? "task_done" : reasons[0]?.[0];
  const title = unit === null ? words.asideTitle : fill(words.byHandFor, { name: unit.name });
  const note = h("input", { id: "note", name: "note", maxlength: "200", autocomplete: "off" }) as HTMLInputElement;
  const choices = [...reasons, ["other", words.otherReason] as const].map(([key, text]) =>
    h("label", { class: "check" }, h("input", { type: "radio", name: "reason", value: key, required: true, checked: key === first }), h("span", {}, text)),
  );
  const form = h("form", { method: "dialog", class: "form" },
    h("h2", { id: "dialog-title" }, title),
    h("fieldset", {}, h("legend", {}, words.reason), ...choices),
    h("div", { class: "field" }, h("label", { for: "note" }, words.note), note),
    buildButtons(words, words.confirm),
  ) as HTMLFormElement;
  show(form, () => {
    const chosen = new FormData(form).get("reason");
    const text = note.value.trim();
    onReason(text === "" ? String(chosen) : `${String(chosen)}: ${text}`);
  });
}

/** For a broken scanner: what is typed is read exactly like a scan. */
export function askCode(words: Words, onCode: (code: string) => void): void {
  const field = h("input", { id: "code", name: "code", autocomplete: "off", autocapitalize: "characters", required: true, "data-scan": true, "aria-describedby": "code-hint" }) as HTMLInputElement;
  const form = h("form", { method: "dialog", class: "form" },
    h("h2", { id: "dialog-title" }, words.typeCode),
    h("div", { class: "field" }, h("label", { for: "code" }, words.typeCode), field, h("p", { class: "hint", id: "code-hint" }, words.typeCodeHint)),
    buildButtons(words, words.send),
  ) as HTMLFormElement;
  show(form, () => field.value.trim() !== "" && onCode(field.value));
  field.focus();
}

export const isDialogOpen = (): boolean => dialog().open;

/** A scan while a window is open counts for nothing, least of all as what the window asks: the packer is told. */
export function refuseScan(words: Words, text: string, field: HTMLInputElement | null): void {
  if (field) field.value = cutScan(field.value, text);
  document.getElementById("dialog-refusal")?.remove();
  const refusal = h("p", { id: "dialog-refusal", class: "dialog-refusal", role: "alert" }, icon("cross-circle"), words.scanInDialog);
  dialog().querySelector("h2")?.after(refusal);
}

/** What stood in the field before the scan went there. An IME may have changed the scan's characters. */
function cutScan(value: string, text: string): string {
  if (value.endsWith(text)) return value.slice(0, -text.length);
  return cleanScan(value).endsWith(cleanScan(text)) ? value.slice(0, Math.max(0, value.length - text.length)) : value;
}

function buildButtons(words: Words, send: string): HTMLElement {
  return h("div", { class: "actions" },
    h("button", { class: "button primary", value: "send" }, send),
    h("button", { class: "button", value: "back", formnovalidate: true }, words.back),
  );
}

function show(form: HTMLFormElement, onSend: () => void): void {
  const window = dialog();
  window.replaceChildren(form);
  const end = (): void => {
    // The browser gives the focus back to the button that opened the window: there a scanner's Enter would press it.
    find("work").focus({ preventScroll: true });
    if (window.returnValue === "send") onSend();
  };
  window.addEventListener("close", end, { once: true });
  window.returnValue = "";
  window.showModal();
}
