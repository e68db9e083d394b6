/// What concerns the whole: names, kind, 信書, paper, margins, the area of the flow, flags and slots that are needed.

import { h } from "../bench/dom.ts";
import { type Path, setAt } from "../editing/paths.ts";
import { fill } from "../editing/words.ts";
import { buildCheck, buildChoice, buildNumber, buildWord } from "./controls.ts";
import type { Designer } from "./designer.ts";

export function buildPage(designer: Designer): HTMLElement {
  const { words, template, kit, paper } = designer;
  const set = (path: Path, label: string) => (value: unknown, isTyping: boolean): void => {
    designer.change(setAt(template, path, value), fill(words.didChange, { name: label }), isTyping ? path.join(".") : null);
    if (!isTyping) designer.store.settle();
  };
  const { page } = template;
  const own = { value: "", label: words.ownSize };
  return h("div", { class: "stack designer-properties" }, h("h2", { tabindex: "-1" }, words.whole),
    buildWord(words.nameJa, "name:ja", template.name.ja, true, set(["name", "ja"], words.nameJa)),
    buildWord(words.nameEn, "name:en", template.name.en, true, set(["name", "en"], words.nameEn)),
    buildChoice(words.kind, "kind", template.kind, kit.kinds.map(toChoice), set(["kind"], words.kind)),
    buildChoice(words.letterClass, "letter_class", template.letter_class ?? "none", kit.letter_classes.map(toChoice), set(["letter_class"], words.letterClass)),
    h("p", { class: "hint" }, words.letterClassHint),
    buildCheck(words.sealed, "sealed", template.sealed === true, set(["sealed"], words.sealed)),
    h("fieldset", { class: "designer-measures" }, h("legend", {}, words.paper),
      buildChoice(words.format, "format", page.format ?? "", [own, ...kit.formats.map(({ key, label }) => ({ value: key, label }))], (value) => setFormat(designer, String(value ?? ""))),
      page.format === undefined ? null : buildChoice(words.orientation, "orientation", page.orientation ?? "portrait", (["portrait", "landscape"] as const).map((value) => ({ value, label: words[value] })), set(["page", "orientation"], words.orientation)),
      page.format === undefined ? buildNumber(words.width, "page:width", paper.width, false, { min: 30, max: 450, unit: "mm" }, set(["page", "width"], words.width)) : null,
      page.format === undefined ? buildNumber(words.height, "page:height", paper.height, false, { min: 20, max: 650, unit: "mm" }, set(["page", "height"], words.height)) : null),
    h("fieldset", { class: "designer-measures" }, h("legend", {}, words.margins), ...(["top", "right", "bottom", "left"] as const).map((side) => buildNumber(words.sides[side], `margin:${side}`, page.margins[side], false, { min: 0, max: 200, unit: "mm" }, set(["page", "margins", side], words.margins)))),
    template.flow ? h("fieldset", { class: "designer-measures" }, h("legend", {}, words.flowArea), ...(["first", "later"] as const).flatMap((frame) => (["top", "bottom"] as const).map((side) => buildNumber(`${words.frames[frame]} ${words.sides[side]}`, `flow:${frame}:${side}`, template.flow![frame][side], false, { min: 0, max: paper.height, unit: "mm" }, set(["flow", frame, side], words.flowArea))))) : null,
    buildFlags(designer, set),
    buildSlots(designer, set));
}

const toChoice = ({ key, label }: { key: string; label: string }): { value: string; label: string } => ({ value: key, label });

function setFormat(designer: Designer, format: string): void {
  const { template, words, paper } = designer;
  const { margins } = template.page;
  const page = format === "" ? { ...paper, margins } : { format, margins };
  designer.change({ ...template, page }, fill(words.didChange, { name: words.format }));
}

type Set = (path: Path, label: string) => (value: unknown, isTyping: boolean) => void;

function buildFlags(designer: Designer, set: Set): HTMLElement | null {
  const { words, template, kit } = designer;
  const flags = Object.entries(template.flags ?? {});
  if (flags.length === 0) return null;
  return h("fieldset", { class: "stack tight" }, h("legend", {}, words.flags), ...flags.flatMap(([key, label]) => {
    const rules = kit.flags.find((flag) => flag.key === key)?.rules ?? [];
    return [h("p", { class: "row" }, h("code", {}, key), h("small", { class: "muted" }, rules.length > 0 ? fill(words.flagSetBy, { names: rules.join(words.comma) }) : words.flagSetByNone)),
      h("div", { class: "designer-measures" }, buildWord(words.japanese, `flag:${key}:ja`, label.ja, true, set(["flags", key, "ja"], key)), buildWord(words.english, `flag:${key}:en`, label.en, true, set(["flags", key, "en"], key)))];
  }));
}

function buildSlots(designer: Designer, set: Set): HTMLElement | null {
  const { words, template } = designer;
  const slots = Object.entries(template.slots ?? {});
  if (slots.length === 0) return null;
  return h("fieldset", {}, h("legend", {}, words.neededSlots), h("p", { class: "hint" }, words.neededHint), ...slots.map(([key, spec]) => buildCheck(designer.nameSlot(key), `slot:${key}`, spec["required"] === true, (value) => set(["slots", key, "required"], designer.nameSlot(key))(value === true ? true : undefined, false))));
}
