/// Puts what the server found where it is mended: a mark on the chip, and the sentence below its row.

import { h, icon } from "../bench/dom.ts";
import { isWithin } from "./document.ts";
import type { Advice, Findings, Problem } from "./server.ts";

let count = 0;

/** Every message goes to the innermost element whose place holds it; a place without an element goes to its rule. */
export function markFindings(root: HTMLElement, findings: Findings): void {
  for (const box of root.querySelectorAll("[data-messages]")) box.replaceChildren();
  for (const marked of root.querySelectorAll("[aria-invalid]")) {
    marked.removeAttribute("aria-invalid");
    marked.removeAttribute("aria-describedby");
    marked.classList.remove("warned");
  }
  const places = [...root.querySelectorAll<HTMLElement>("[data-place]")].map((element) => ({ element, place: element.dataset["place"] ?? "" }));
  for (const problem of findings.problems) mark(places, problem, "bad");
  for (const advice of findings.advice) mark(places, advice, advice.severity === "info" ? "info" : "warn");
}

function mark(places: readonly { element: HTMLElement; place: string }[], found: Problem | Advice, tone: "bad" | "warn" | "info"): void {
  const around = places.filter(({ place }) => isWithin(found.place, place));
  const inner = around.reduce<(typeof around)[number] | null>((best, each) => (best === null || each.place.length > best.place.length ? each : best), null);
  if (inner === null) return;
  const target = found.code === "missing_key" ? (inner.element.querySelector<HTMLElement>(".chip.open") ?? inner.element) : inner.element;
  const box = target.closest(".field, .rule-row, .rule-line, [data-place]:not(.chip):not(textarea)")?.querySelector("[data-messages]") ?? target.querySelector("[data-messages]");
  if (!box) return;
  const id = `rule-message-${++count}`;
  const todo = "todo" in found && found.todo !== "" ? h("span", { class: "rule-todo" }, ` ${found.todo}`) : null;
  if ([...box.children].some((each) => each.querySelector("span")?.textContent === found.text)) return;
  box.append(h("p", { id, class: `rule-message ${tone}`, "data-code": found.code }, icon(tone === "bad" ? "warning" : "info"), h("span", {}, found.text), todo));
  if (!target.matches(".chip, textarea, input")) return;
  if (tone === "bad") target.setAttribute("aria-invalid", "true");
  else target.classList.add("warned");
  target.setAttribute("aria-describedby", id);
}
