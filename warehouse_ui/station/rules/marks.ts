/// Puts what the server found where it is mended: a mark on the chip, and the sentence below its row.

import { h, icon } from "../bench/dom.ts";
import { isWithin } from "./document.ts";
import { type Advice, type Findings, type Problem, isOpen } from "./server.ts";

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
  for (const problem of findings.problems) mark(places, problem, isOpen(problem) ? "todo" : "bad");
  for (const advice of findings.advice) mark(places, advice, advice.severity === "warning" ? "warn" : "info");
}

function mark(places: readonly { element: HTMLElement; place: string }[], found: Problem | Advice, tone: "bad" | "todo" | "warn" | "info"): void {
  const around = places.filter(({ place }) => isWithin(found.place, place));
  const inner = around.reduce<(typeof around)[number] | null>((best, each) => (best === null || each.place.length > best.place.length ? each : best), null);
  if (inner === null) return;
  const target = found.code === "missing_key" ? (inner.element.querySelector<HTMLElement>(".chip.open") ?? inner.element) : inner.element;
  const box = findBox(target);
  if (box === null) return;
  const id = `rule-message-${++count}`;
  const text = "todo" in found && found.todo !== "" ? `${found.text} ${found.todo}` : found.text;
  if ([...box.children].some((each) => each.textContent === text)) return;
  box.append(h("p", { id, class: `rule-message ${tone}`, "data-code": found.code }, icon(tone === "bad" ? "warning" : tone === "todo" ? "pencil" : "info"), h("span", {}, text)));
  if (!target.matches(".chip, textarea, input")) return;
  if (tone === "bad") target.setAttribute("aria-invalid", "true");
  else if (tone !== "todo") target.classList.add("warned");
  target.setAttribute("aria-describedby", id);
}

const HOLDERS = ".field, .rule-row, .rule-line, [data-place]:not(.chip):not(textarea):not(input)";

/** The place for messages of the row around an element: its own, not one of a row or text inside it. */
function findBox(target: HTMLElement): Element | null {
  for (let holder = target.closest(HOLDERS); holder !== null; holder = holder.parentElement?.closest(HOLDERS) ?? null) {
    const own = [...holder.querySelectorAll("[data-messages]")].find((box) => box.closest(HOLDERS) === holder);
    if (own !== undefined) return own;
  }
  return null;
}
