/// Proven rules to start from: what each does as a small picture, then the few things it needs.

import { h, icon } from "../bench/dom.ts";
import type { Rule } from "./document.ts";
import type { Editor } from "./editor.ts";
import type { GalleryEntry, GalleryNeed } from "./server.ts";

export async function openGallery(editor: Editor, onRule: (rule: Rule, isFirst: boolean) => void): Promise<void> {
  const { words } = editor;
  const answer = await editor.server.loadGallery();
  if (answer.kind !== "ok") return editor.toast(words.galleryUnreachable);
  const dialog = h("dialog", { class: "rule-gallery", "aria-labelledby": "rule-gallery-title" }) as HTMLDialogElement;
  const showEntries = (): void => {
    dialog.replaceChildren(buildHead(editor, words.galleryTitle, dialog), h("p", { class: "page-lead" }, words.galleryLead),
      h("ul", { class: "rule-gallery-list" }, ...answer.value.entries.map((entry) => h("li", {}, buildCard(entry, () => void showNeeds(entry))))));
  };
  const showNeeds = async (entry: GalleryEntry): Promise<void> => {
    const needs = await editor.server.loadNeeds(entry.key);
    if (needs.kind !== "ok") return editor.toast(words.galleryUnreachable);
    dialog.replaceChildren(buildHead(editor, entry.name, dialog), buildNeeds(editor, entry, needs.value.needs, showEntries, (rule) => {
      dialog.close();
      onRule(rule, entry.at_top);
    }));
    dialog.querySelector<HTMLElement>("select, input, .primary")?.focus();
  };
  showEntries();
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function buildHead(editor: Editor, title: string, dialog: HTMLDialogElement): HTMLElement {
  return h("div", { class: "card-head" }, h("h2", { id: "rule-gallery-title" }, title),
    h("button", { type: "button", class: "rule-tool", "aria-label": editor.words.close, click: () => dialog.close() }, icon("cross")));
}

/** What comes in, an arrow, what goes into the box: what the rule does at one glance. */
function buildCard(entry: GalleryEntry, choose: () => void): HTMLElement {
  const things = [...new Set(entry.kinds.map((kind) => PICTURES[kind]).filter((name) => name !== undefined))];
  return h("button", { type: "button", class: "rule-gallery-card", "data-entry": entry.key, click: choose },
    h("span", { class: "rule-scene", "aria-hidden": "true" }, icon(entry.icon), icon("right"), h("span", { class: "rule-scene-box" }, icon("box"), ...(things.length === 0 ? ["gift"] : things).map((name) => icon(name)))),
    h("strong", {}, entry.name), h("span", {}, entry.about));
}

const PICTURES: Record<string, string | undefined> = { insert: "gift", task: "hand", letter: "letter", slip: "slip" };

function buildNeeds(editor: Editor, entry: GalleryEntry, needs: readonly GalleryNeed[], goBack: () => void, onRule: (rule: Rule) => void): HTMLElement {
  const { words } = editor;
  const fields = needs.map((need) => ({ need, input: buildInput(need, words.without) }));
  const wrong = h("p", { class: "field-error", role: "alert", hidden: true });
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const choices = Object.fromEntries(fields.map(({ need, input }) => [need.key, input.value]));
    const answer = await editor.server.fillGallery(entry.key, choices);
    if (answer.kind === "ok") return onRule(answer.value.rule);
    wrong.hidden = false;
    wrong.replaceChildren(icon("warning"), answer.kind === "refused" && answer.text !== "" ? answer.text : words.galleryUnreachable);
  };
  return h("form", { class: "form", submit: (event) => void send(event) },
    h("p", {}, entry.about),
    ...fields.map(({ need, input }) => h("div", { class: "field" }, h("label", { for: input.id }, need.label), input, need.hint === "" ? null : h("p", { class: "hint" }, need.hint))),
    wrong,
    h("div", { class: "actions" }, h("button", { class: "button primary", id: "take-entry" }, icon("plus"), words.galleryTake), h("button", { type: "button", class: "button", click: goBack }, icon("left"), words.galleryBack)));
}

function buildInput(need: GalleryNeed, without: string): HTMLInputElement | HTMLSelectElement {
  const id = `need-${need.key}`;
  const isList = need.kind === "categories" || need.kind === "skus";
  if (need.options === null || isList) {
    const isFigure = !isList;
    const names = need.options?.map(({ value }) => value).slice(0, 5).join(", ") ?? "";
    return h("input", { id, type: isFigure ? "number" : "text", value: String(need.default ?? ""), required: !need.optional, placeholder: names, ...(isFigure ? { min: String(need.low), max: String(need.high) } : {}) }) as HTMLInputElement;
  }
  return h("select", { id }, need.optional ? h("option", { value: "" }, without) : null, ...need.options.map((option) => h("option", { value: option.value, selected: option.value === String(need.default ?? "") }, option.label))) as HTMLSelectElement;
}
