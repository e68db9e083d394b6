/// The head of the page: whether it is saved, undoing, with which data it is shown, how large, and the way to publishing.

import { h, icon } from "../bench/dom.ts";
import type { Saver } from "../editing/saving.ts";
import { fill } from "../editing/words.ts";
import type { Designer } from "./designer.ts";
import type { Template } from "./document.ts";
import type { Part } from "./merging.ts";
import type { Data } from "./server.ts";

export interface Acts {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly publish: (event: Event) => void;
  readonly show: (data: Data) => void;
  readonly zoom: (zoom: number) => void;
}
type Keeper = Saver<Template, Part>;
const ZOOMS = [0, 50, 75, 100, 150, 200, 300];

export function buildBar(designer: Designer, saver: Keeper, acts: Acts, path: string): HTMLElement {
  const { words, template, language } = designer;
  return h("div", { class: "designer-bar" },
    h("div", { class: "row" },
      h("a", { class: "button small quiet", href: "/templates", "data-focus": "to-list" }, icon("left"), words.title),
      h("h1", { class: "designer-title", tabindex: "-1" }, language === "en" ? template.name.en : template.name.ja),
      buildStanding(designer, saver)),
    h("div", { class: "actions" },
      buildTool("undo", words.undo, "Ctrl+Z", designer.store.canUndo, acts.undo),
      buildTool("redo", words.redo, "Ctrl+Shift+Z", designer.store.canRedo, acts.redo),
      h("a", { class: "button small", href: `${path}/versions`, "data-focus": "versions" }, icon("history"), words.versions),
      saver.draft.is_changed || saver.standing !== "saved" || saver.draft.live_number === null ? h("a", { class: "button small primary", id: "to-publish", "data-focus": "publish", href: `${path}/publish`, click: acts.publish }, icon("check"), words.toPublish) : null));
}

function buildTool(name: string, text: string, keys: string, label: string | null, act: () => void): HTMLElement {
  return h("button", { type: "button", class: "rule-tool", "data-focus": name, id: `designer-${name}`, "aria-label": label ? `${text}: ${label}` : text, title: `${text} (${keys})`, "aria-disabled": String(label === null), click: act }, icon(name));
}

function buildStanding(designer: Designer, saver: Keeper): HTMLElement {
  const { words } = designer;
  const { standing, draft } = saver;
  const at = draft.saved_at === null ? "" : new Intl.DateTimeFormat(designer.language, { hour: "2-digit", minute: "2-digit" }).format(new Date(draft.saved_at));
  const saved = draft.saved_at === null ? words.nothingSaved : fill(words.saved, { at });
  const text = { saved, waiting: words.saving, saving: words.saving, unreachable: words.unreachable, signed_out: words.signedOut, undecided: words.undecided, refused: saver.reason || words.refused }[standing];
  const tone = { saved: "good", waiting: "calm", saving: "calm", unreachable: "warn", signed_out: "bad", undecided: "bad", refused: "bad" }[standing];
  return h("span", { class: "row", id: "designer-standing", role: "status", "data-standing": standing },
    h("span", { class: `badge ${tone}` }, icon(tone === "good" ? "check" : tone === "calm" ? "clock" : "warning"), text),
    h("span", { class: "badge calm" }, icon("slip"), draft.live_number === null ? words.neverPublished : fill(words.live, { number: draft.live_number })),
    standing === "signed_out" ? h("a", { class: "button small", href: "/sign-in" }, words.signIn) : null);
}

/** With which data, which page, how large. */
export function buildView(designer: Designer, acts: Acts): HTMLElement {
  const { words, data, shown } = designer;
  const number = h("input", { type: "text", id: "designer-shipment", "data-focus": "shipment", autocomplete: "off", maxlength: "40", value: data.shipment, placeholder: words.shipmentNumber, "aria-label": words.shipmentNumber, hidden: data.data !== "shipment" }) as HTMLInputElement;
  number.addEventListener("change", () => acts.show({ data: "shipment", shipment: number.value.trim() }));
  const chosen = h("select", { id: "designer-data", "data-focus": "data", "aria-label": words.shownWith }) as HTMLSelectElement;
  for (const each of designer.kit.may_see_shipments ? (["sample", "longest", "shipment"] as const) : (["sample"] as const)) chosen.append(h("option", { value: each, selected: each === data.data }, words.data[each]));
  chosen.addEventListener("change", () => acts.show({ data: chosen.value as Data["data"], shipment: data.shipment }));
  const zoom = h("select", { id: "designer-zoom", "data-focus": "zoom", "aria-label": words.zoom }) as HTMLSelectElement;
  for (const each of ZOOMS) zoom.append(h("option", { value: String(each), selected: each === designer.zoom }, each === 0 ? words.fit : `${each}%`));
  zoom.addEventListener("change", () => acts.zoom(Number(zoom.value)));
  const pages = shown.pages?.length ?? 0;
  const turn = (by: number): void => {
    designer.turn(designer.page + by);
    designer.draw();
  };
  return h("div", { class: "designer-view" },
    h("label", { class: "row" }, h("span", { class: "label" }, words.shownWith), chosen), number, zoom,
    pages < 2 ? null : h("span", { class: "row" },
      h("button", { type: "button", class: "rule-tool", "data-focus": "page-before", disabled: designer.page <= 1, "aria-label": words.pageBefore, click: () => turn(-1) }, icon("left")),
      h("span", { id: "designer-page-number" }, `${designer.page} / ${shown.count ?? pages}`),
      h("button", { type: "button", class: "rule-tool", "data-focus": "page-after", disabled: designer.page >= pages, "aria-label": words.pageAfter, click: () => turn(1) }, icon("right"))),
    ...(shown.notes ?? []).map((note) => h("p", { class: "hint designer-note" }, note)));
}
