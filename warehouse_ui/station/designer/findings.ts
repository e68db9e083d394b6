/// What is wrong and what could be better, each with the way to its element.

import { h, icon } from "../bench/dom.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import { findElementPlace } from "./document.ts";
import type { Finding } from "./server.ts";

export function buildFindings(designer: Designer): HTMLElement {
  const { words, findings } = designer;
  return h("section", { class: "card designer-findings", id: "designer-findings", "aria-labelledby": "designer-findings-title", "data-count": String(findings.length) },
    h("h2", { id: "designer-findings-title" }, findings.length === 0 ? words.noFindings : fill(words.findings, { count: findings.length })),
    findings.length === 0 ? null : h("ul", { class: "stack tight" }, ...findings.map((finding, number) => buildFinding(designer, finding, number))));
}

function buildFinding(designer: Designer, finding: Finding, number: number): HTMLElement {
  const place = findElementPlace(finding.place);
  const element = place === null ? undefined : designer.element(place);
  const isWarning = finding.severity === "warning";
  return h("li", { class: `designer-finding-row ${isWarning ? "warn" : "bad"}`, "data-code": finding.code },
    h("button", { type: "button", class: "designer-jump", "data-focus": `finding:${number}`, click: () => go(designer, finding) },
      icon(isWarning ? "info" : "warning"), h("span", {}, element === undefined ? null : h("strong", {}, designer.name(element)), " ", finding.text)));
}

function go(designer: Designer, finding: Finding): void {
  const place = findElementPlace(finding.place);
  if (place !== null && designer.element(place) !== undefined) return designer.select([place]);
  designer.tab = finding.place.startsWith("styles") ? "styles" : "page";
  if (finding.place.startsWith("styles.")) designer.style = finding.place.split(".")[1] ?? null;
  designer.draw();
}
