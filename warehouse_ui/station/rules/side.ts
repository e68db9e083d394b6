/// Beside the open rule: how many of the last weeks' shipments it would take, and what a colleague would say.

import { h, icon } from "../bench/dom.ts";
import { isWithin, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { type Advice, type Matches, type Problem, isOpen } from "./server.ts";
import { fill } from "./words.ts";

export function buildSide(editor: Editor): HTMLElement {
  return h("aside", { class: "rule-side", id: "rule-side", "aria-label": editor.words.sideTitle }, buildMatches(editor), buildFindings(editor));
}

function buildMatches(editor: Editor): HTMLElement {
  const { words, matches } = editor;
  const title = h("h2", {}, words.matchTitle);
  const shown = matches?.key === editor.open ? matches.answer : null;
  if (shown === null) return h("section", { class: "card", id: "rule-matches", "aria-busy": "true" }, title, h("p", { class: "muted" }, words.matchCounting));
  if (shown.kind !== "ok") return h("section", { class: "card", id: "rule-matches" }, title, h("p", { class: "muted" }, shown.kind === "unreachable" ? words.matchUnreachable : words.matchUnfinished));
  return h("section", { class: "card", id: "rule-matches", "data-matched": String(shown.value.matched), role: "status" }, title, ...buildCount(editor, shown.value));
}

function buildCount(editor: Editor, found: Matches): (Node | null)[] {
  const { words, language } = editor;
  if (found.considered === 0) return [h("p", { class: "muted" }, words.matchNoShipments)];
  const share = found.matched / found.considered;
  const percent = share.toLocaleString(language, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
  return [
    h("p", { class: "rule-count" }, h("strong", {}, found.matched.toLocaleString(language)), ` ${fill(words.matchOf, { considered: found.considered.toLocaleString(language) })}`, h("span", { class: "badge info" }, percent)),
    h("progress", { max: String(found.considered), value: String(found.matched), "aria-label": words.matchTitle }),
    found.sampled ? h("p", { class: "hint" }, words.matchSampled) : null,
    found.examples.length === 0 ? h("p", { class: "muted" }, words.matchNobody) : h("h3", {}, words.matchExamples),
    found.examples.length === 0 ? null : h("ul", { class: "rule-examples" }, ...found.examples.map((example) =>
      h("li", {}, h("a", { href: `/shipments/${example.id}`, target: "_blank", rel: "noopener" }, example.label), h("small", {}, example.note)))),
  ];
}

function buildFindings(editor: Editor): HTMLElement {
  const { words } = editor;
  const place = showPlace(["rules", editor.index]);
  const problems = editor.findings.problems.filter((found) => isWithin(found.place, place));
  const advice = editor.findings.advice.filter((found) => isWithin(found.place, place));
  if (problems.length + advice.length === 0) {
    return h("section", { class: "card", id: "rule-findings" }, h("h2", {}, words.adviceTitle), h("p", { class: "rule-message good" }, icon("check-circle"), words.adviceNone));
  }
  const [todo, wrong] = [problems.filter(isOpen), problems.filter((found) => !isOpen(found))];
  return h("section", { class: "card", id: "rule-findings" },
    todo.length === 0 ? null : h("h2", {}, words.todoTitle),
    todo.length === 0 ? null : h("ul", { class: "rule-advice" }, ...todo.map((found) => buildFinding(found, "todo"))),
    wrong.length + advice.length === 0 ? null : h("h2", {}, words.adviceTitle),
    h("ul", { class: "rule-advice" }, ...wrong.map((found) => buildFinding(found, "bad")), ...advice.map((found) => buildFinding(found, found.severity === "warning" ? "warn" : "info"))));
}

function buildFinding(found: Problem | Advice, tone: string): HTMLElement {
  const todo = "todo" in found && found.todo !== "" ? h("small", {}, found.todo) : null;
  return h("li", { class: `rule-message ${tone}` }, icon(tone === "bad" ? "warning" : tone === "todo" ? "pencil" : "info"), h("span", {},
    h("button", { type: "button", class: "rule-jump", click: () => jump(found.place) }, found.text), todo));
}

/** Leads to where it is mended. */
function jump(place: string): void {
  const all = [...document.querySelectorAll<HTMLElement>(".rule-open [data-place]")].filter((element) => isWithin(place, element.dataset["place"] ?? ""));
  const target = all.reduce<HTMLElement | null>((best, each) => (best === null || (each.dataset["place"]?.length ?? 0) >= (best.dataset["place"]?.length ?? 0) ? each : best), null);
  const focus = target?.matches("button, textarea, input") ? target : target?.querySelector<HTMLElement>(".chip.open, .chip, button");
  focus?.scrollIntoView({ block: "center" });
  focus?.focus();
}
