/// Limits, dates, group, consent, whose history, gifts, experiment: each a plain sentence with a chip.

import { h, icon } from "../bench/dom.ts";
import { type Limit, type Path, removeAt, showPlace } from "./document.ts";
import type { Editor } from "./editor.ts";
import { askDays, askOne, askSome, askText, onEnter } from "./inputs.ts";
import { readNumber } from "./comparison_panel.ts";
import { openPanel } from "../editing/panel.ts";
import { fill } from "./words.ts";

export function buildOptions(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const lines = [buildLimits(editor), buildValid(editor), buildGroupLine(editor), buildPurposes(editor), buildAudience(editor), buildGifts(editor), buildExperiment(editor)];
  return h("section", { class: "rule-options-section", "aria-labelledby": "rule-options-title" },
    h("h2", { id: "rule-options-title" }, words.options),
    h("ul", { class: "rule-lines" }, ...lines.filter((line) => line !== null)),
    h("details", { class: "more" }, h("summary", {}, words.details),
      h("p", { class: "hint" }, fill(words.keyHint, { key: rule!.key }), " ", words.keyMeaning),
      chip(editor, ["key"], rule!.key, (anchor) => askText(editor, anchor, words.key, rule!.key, (value) => changeKey(editor, value), words.keyMeaning)),
      h("div", { "data-messages": "" })));
}

/** The address of the open rule is its key: both change together. */
function changeKey(editor: Editor, key: string | undefined): void {
  if (key === undefined || key === editor.open) return;
  const { index } = editor;
  const rules = editor.rules.map((rule, number) => (number === index ? { ...rule, key } : rule));
  editor.open = key;
  editor.setRules(rules, editor.words.didOption);
  editor.show(key);
}

function chip(editor: Editor, path: Path, text: string, press: (anchor: Element) => void, isOpen = false): HTMLElement {
  const focus = `option:${path.join(".")}`;
  return h("button", {
    type: "button", class: `chip value${isOpen ? " quiet" : ""}`, "data-focus": focus, "aria-haspopup": "dialog", "data-place": showPlace(["rules", editor.index, ...path]),
    click: (event) => {
      editor.focus = focus;
      press(event.currentTarget as Element);
    },
  }, text);
}

/** Puts chips where the sentence names them. */
function buildLine(editor: Editor, name: string, pattern: string, path: Path, ...chips: HTMLElement[]): HTMLElement {
  const parts = pattern.split("{}");
  const body = parts.flatMap((part, number) => [part === "" ? null : h("span", { class: "rule-word" }, part), chips[number] ?? null]);
  return h("li", { class: "rule-line", "data-place": showPlace(["rules", editor.index, ...path]) }, icon(name), h("div", {}, h("p", { class: "rule-sentence" }, ...body, ...chips.slice(parts.length)), h("div", { "data-messages": "" })));
}

function buildLimits(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const limits = rule!.limits ?? [];
  const keep = (changed: readonly Limit[]): void => editor.set(["limits"], changed.length === 0 ? undefined : changed, words.didOption);
  const chips = limits.map((limit, number) => chip(editor, ["limits", number], editor.teller.limit(limit), (anchor) => askLimit(editor, anchor, limit, (value) => keep(value === null ? removeAt(limits, number) : limits.map((each, at) => (at === number ? value : each))))));
  const more = chip(editor, ["limits"], limits.length === 0 ? words.limitNone : words.limitMore, (anchor) => askLimit(editor, anchor, null, (value) => value !== null && keep([...limits, value])), true);
  return buildLine(editor, "repeat", "", ["limits"], ...chips, more);
}

const KINDS = ["once", "window", "customer", "overall"] as const;

function askLimit(editor: Editor, anchor: Element, limit: Limit | null, onKeep: (value: Limit | null) => void): void {
  const { words } = editor;
  const kind = limit === null ? "once" : limit.overall !== undefined ? "overall" : limit.within_days !== undefined ? "window" : limit.per_customer === 1 ? "once" : "customer";
  openPanel(anchor, words.limits, (close) => {
    const number = (value: unknown, label: string): HTMLInputElement => h("input", { type: "text", inputmode: "numeric", value: value === undefined ? "" : String(value), class: "rule-number", "aria-label": label, autocomplete: "off", keydown: onEnter(close) }) as HTMLInputElement;
    const inputs = { window: number(limit?.within_days === undefined ? 1 : limit.per_customer, words.times), days: number(limit?.within_days ?? 90, words.daysUnit), customer: number(limit?.per_customer ?? 2, words.times), overall: number(limit?.overall ?? 100, words.shipments) };
    const bodies: Record<(typeof KINDS)[number], (Node | string)[]> = {
      once: [words.limitOnce],
      window: spread(words.limitWindowInputs, inputs.window, inputs.days),
      customer: spread(words.limitCustomerInputs, inputs.customer),
      overall: spread(words.limitOverallInputs, inputs.overall),
    };
    const radios = KINDS.map((each) => h("input", { type: "radio", name: "limit-kind", value: each, checked: each === kind }) as HTMLInputElement);
    const rows = KINDS.map((each, at) => h("label", { class: "check" }, radios[at]!, h("span", { class: "rule-with-unit" }, ...bodies[each])));
    for (const [each, input] of Object.entries(inputs)) input.addEventListener("focus", () => (radios[KINDS.indexOf(each === "days" ? "window" : (each as "window"))]!.checked = true));
    const read = (): Limit => {
      const chosen = radios.find((radio) => radio.checked)?.value;
      const [count, days] = [readNumber(inputs[chosen === "window" ? "window" : "customer"].value) as number, readNumber(inputs.days.value) as number];
      if (chosen === "overall") return { overall: readNumber(inputs.overall.value) as number };
      return chosen === "once" ? { per_customer: 1 } : chosen === "window" ? { per_customer: count, within_days: days } : { per_customer: count };
    };
    let isGone = false;
    const take = (): void => {
      isGone = true;
      close();
    };
    return {
      body: [...rows, h("div", { class: "actions" },
        h("button", { type: "button", class: "button primary", click: () => close() }, words.done),
        limit === null ? h("button", { type: "button", class: "button", click: () => close(false) }, words.back) : h("button", { type: "button", class: "button danger", click: take }, icon("trash"), words.limitDrop))],
      focus: radios[KINDS.indexOf(kind)]!,
      keep: () => onKeep(isGone ? null : read()),
    };
  }, editor.draw);
}

function spread(pattern: string, ...inputs: Node[]): (Node | string)[] {
  return pattern.split("{}").flatMap((part, number) => [part, ...(inputs[number] ? [inputs[number]] : [])]);
}

function buildValid(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const keep = (from: string, until: string): void => {
    const valid = { ...(from === "" ? {} : { from }), ...(until === "" ? {} : { until }) };
    editor.set(["valid"], from === "" && until === "" ? undefined : valid, words.didOption);
  };
  return buildLine(editor, "clock", words.validLine, ["valid"], chip(editor, ["valid"], editor.teller.valid(rule!.valid), (anchor) => askDays(editor, anchor, words.validTitle, rule!.valid ?? {}, keep), rule!.valid === undefined));
}

function buildGroupLine(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const known = [...new Set(editor.rules.map((each) => each.group).filter((group) => group !== undefined))];
  const hint = `${words.groupHint}${known.length === 0 ? "" : ` ${fill(words.groupKnown, { groups: known.join(words.comma) })}`}`;
  const press = (anchor: Element): void => askText(editor, anchor, words.group, rule!.group ?? "", (value) => editor.set(["group"], value?.toLowerCase().replace(/[^a-z0-9-]+/g, "-"), words.didOption), hint);
  const pattern = rule!.group === undefined ? words.groupNoneLine : words.groupLine;
  return buildLine(editor, "stack", pattern, ["group"], chip(editor, ["group"], rule!.group ?? words.groupNone, press, rule!.group === undefined));
}

function buildPurposes(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const chosen = rule!.purposes ?? [];
  const { purposes } = editor.knowledge.catalogue;
  const text = chosen.length === 0 ? words.purposesNone : chosen.map((key) => purposes.find((each) => each.key === key)?.label ?? key).join(words.comma);
  const press = (anchor: Element): void => askSome(editor, anchor, words.purposes, words.purposesHint, purposes, chosen, (values) => editor.set(["purposes"], values.length === 0 ? undefined : values, words.didOption));
  return buildLine(editor, "shield", chosen.length === 0 ? "{}" : words.purposesLine, ["purposes"], chip(editor, ["purposes"], text, press, chosen.length === 0));
}

function buildAudience(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const chosen = rule!.audience === "recipient" ? "recipient" : "buyer";
  const options = [{ value: "buyer" as const, label: words.buyer }, { value: "recipient" as const, label: words.recipient }];
  const press = (anchor: Element): void => askOne(editor, anchor, words.audience, options, chosen, (value) => editor.set(["audience"], value === "buyer" ? undefined : value, words.didOption));
  return buildLine(editor, "person", words.audienceLine, ["audience"], chip(editor, ["audience"], chosen === "buyer" ? words.buyer : words.recipient, press, chosen === "buyer"));
}

function buildGifts(editor: Editor): HTMLElement {
  const { words, rule } = editor;
  const chosen = (rule!.gifts ?? "careful") as "careful" | "always" | "never";
  const labels = { careful: words.giftsCareful, always: words.giftsAlways, never: words.giftsNever };
  const options = (["careful", "always", "never"] as const).map((value) => ({ value, label: labels[value] }));
  const press = (anchor: Element): void => askOne(editor, anchor, words.gifts, options, chosen, (value) => editor.set(["gifts"], value === "careful" ? undefined : value, words.didOption));
  return buildLine(editor, "gift", words.giftsLine, ["gifts"], chip(editor, ["gifts"], labels[chosen], press, chosen === "careful"));
}

function buildExperiment(editor: Editor): HTMLElement | null {
  const { words } = editor;
  const { experiments = [] } = editor.knowledge.catalogue;
  const given = editor.rule!["experiment"] as { key?: string; arm?: string } | undefined;
  const chosen = given === undefined ? "" : `${given.key} ${given.arm}`;
  const named = experiments.flatMap(({ key, label, is_over, arms }) => arms.map((arm) => {
    const told = fill(words.experimentArm, { experiment: label, arm: arm.label });
    return { value: `${key} ${arm.key}`, label: is_over === true ? fill(words.experimentOver, { name: told }) : told, isOver: is_over === true };
  }));
  // One that has ended takes nobody in: it is named where a rule still has it, and offered to no other.
  const options = [{ value: "", label: words.experimentNone }, ...named.filter(({ value, isOver }) => !isOver || value === chosen)];
  if (options.length === 1 && given === undefined) return null;
  const press = (anchor: Element): void => askOne(editor, anchor, words.experiment, options, chosen, (value) => {
    const [key, arm] = value.split(" ");
    editor.set(["experiment"], value === "" ? undefined : { key, arm }, words.didOption);
  });
  const text = options.find((option) => option.value === chosen)?.label ?? chosen;
  return buildLine(editor, "survey", given === undefined ? "{}" : words.experimentLine, ["experiment"], chip(editor, ["experiment"], text, press, given === undefined));
}
