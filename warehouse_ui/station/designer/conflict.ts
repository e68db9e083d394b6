/// How the parts of a template are told where two people changed them.

import type { Telling } from "../editing/conflict.ts";
import type { Difference } from "../editing/saving.ts";
import type { Designer } from "./designer.ts";
import type { TemplateElement } from "./document.ts";
import type { Part } from "./merging.ts";

export function tellParts(designer: Designer): Telling<Part> {
  return {
    words: designer.words,
    showsSame: false,
    name: (difference) => nameOf(designer, difference),
    lines: (part) => tell(designer, part),
  };
}

function nameOf(designer: Designer, { key, mine, theirs, base }: Difference<Part>): string {
  const part = (theirs ?? mine ?? base) as TemplateElement | null;
  if (/\[\d+\]$/.test(key) && part !== null) return designer.name(part);
  const [section = key, name] = key.split(".");
  const title = designer.words.parts[section as keyof typeof designer.words.parts] ?? section;
  return name === undefined ? title : `${title} ${name}`;
}

/** Everything that a part says, a line each. */
function tell(designer: Designer, part: Part, where = ""): string[] {
  if (part === null || typeof part !== "object") return [`${where}${String(part ?? "—")}`];
  if (Array.isArray(part)) return part.flatMap((each) => (typeof each === "object" && each !== null && "type" in each ? [designer.name(each as TemplateElement)] : tell(designer, each, where)));
  const { words } = designer;
  const names: Record<string, string> = { ...words.sides, ...words.parts, x: words.fromLeft, y: words.fromTop, margins: words.margins, format: words.format, orientation: words.orientation, width: words.width, height: words.height, columns: words.columns };
  const fields = new Map(designer.kit.types.flatMap(({ fields }) => fields).map(({ key, label }) => [key, label]));
  return Object.entries(part).flatMap(([key, value]) => {
    const label = fields.get(key) ?? names[key] ?? key;
    return typeof value === "object" && value !== null ? tell(designer, value, `${where}${label} `) : [`${where}${label}: ${typeof value === "string" ? designer.tell(value) : String(value)}`];
  });
}
