/// Draws the station's state. The packer looks for half a second: one sentence, one picture, one number.

import { isCode, readKeys } from "../reading.ts";
import type { State, Feedback } from "./station.ts";
import { type SnapshotParcel, type SnapshotUnit, countProgress, findOwner, findParcel, findThing, isDone, sortUnits } from "./snapshot.ts";
import { find, h, icon } from "./dom.ts";
import { findTone } from "./tones.ts";
import { type Saying, type Words, fill } from "./words.ts";

export interface Acts {
  confirmByHand: (unit: SnapshotUnit) => void;
  setAside: () => void;
}

const UNIT_ICONS = { goods: "box", insert: "gift", task: "hand", slip: "slip", document: "letter", label: "label" };

export class View {
  constructor(
    private readonly words: Words,
    private readonly language: string,
    private readonly services: Record<string, string>,
    private readonly acts: Acts,
  ) {}

  draw(state: State, isNew: boolean): void {
    this.drawStatus(state);
    this.drawProgress(state);
    this.drawFeedback(state, isNew);
    const parcel = state.snapshot ? findParcel(state.snapshot, state.open) : null;
    find("work").replaceChildren(parcel ? this.buildParcel(parcel) : this.buildWaiting(state));
    find("aside").toggleAttribute("hidden", parcel === null);
    document.querySelector(".unit.next")?.scrollIntoView({ block: "nearest" });
  }

  private drawStatus(state: State): void {
    const { words } = this;
    const unsent = fill(words.unsent, { count: state.unsent });
    const text = state.isSignedOut ? words.signInAgain : state.isOnline ? words.online : words.offline;
    const tone = state.isSignedOut ? "bad" : state.isOnline ? "good" : "warn";
    find("network").className = `badge ${tone}`;
    find("network").dataset["unsent"] = String(state.unsent);
    find("network").replaceChildren(icon(state.isOnline ? "online" : "offline"), state.unsent > 0 ? `${text} · ${unsent}` : text);
    find("sign-in-again").toggleAttribute("hidden", !state.isSignedOut);
  }

  private drawProgress({ snapshot }: State): void {
    if (!snapshot) return;
    const { packed, stopped, total } = countProgress(snapshot);
    const bar = find("progress-bar") as HTMLProgressElement;
    bar.max = Math.max(total, 1);
    bar.value = packed;
    const texts = [fill(this.words.progress, { packed, total })];
    if (stopped > 0) texts.push(fill(this.words.stopped, { count: stopped }));
    find("progress-text").textContent = texts.join(" · ");
  }

  private drawFeedback({ last, snapshot, open }: State, isNew: boolean): void {
    const box = find("feedback");
    if (!last) {
      box.className = "feedback calm";
      box.replaceChildren(...this.buildSaying("scan", this.sayFirst(snapshot, open)));
      return;
    }
    if (!isNew) return;
    const { tone, icon: name } = findTone(last.outcome);
    box.className = `feedback ${tone}`;
    box.dataset["outcome"] = last.outcome;
    const isLabelNext = last.outcome === "accepted" && snapshot && isOnlyLabelMissing(findParcel(snapshot, open));
    box.replaceChildren(...this.buildSaying(name, isLabelNext ? this.words.scanLabel : this.sayOutcome(last, snapshot), last, snapshot));
    restartAnimation(box);
  }

  /** Before any scan: a reload goes on with the parcel that was open. */
  private sayFirst(snapshot: State["snapshot"], open: string | null): Saying {
    if (!snapshot) return this.words.noSnapshot;
    return findParcel(snapshot, open) ? this.words.goOn : this.words.ready;
  }

  private sayOutcome(last: Feedback, snapshot: State["snapshot"]): Saying {
    const saying = last.outcome === "label_bound" && isAllPacked(snapshot) ? this.words.lastBox : this.words.outcome[last.outcome];
    return last.isConflict ? { title: saying.title, next: `${this.words.conflict} ${saying.next}` } : saying;
  }

  private buildSaying(name: string, saying: Saying, last: Feedback | null = null, snapshot: State["snapshot"] = null): Node[] {
    const detail = last ? this.sayWhat(last, snapshot) : null;
    return [
      icon(name),
      h("div", { class: "feedback-text" },
        h("p", { class: "feedback-title" }, saying.title, detail ? h("span", { class: "feedback-detail" }, detail) : null),
        h("p", { class: "feedback-next" }, saying.next),
      ),
    ];
  }

  /** Which parcel was opened or finished, which thing was right, whose paper was refused, or what the refused code says. */
  private sayWhat({ outcome, parcel, unit, text }: Feedback, snapshot: State["snapshot"]): string | null {
    if (outcome === "parcel_opened" || outcome === "label_bound") return parcel ? `${this.words.parcel} ${parcel.number}` : null;
    if (unit) return this.nameUnit(unit);
    if (findTone(outcome).tone !== "bad") return null;
    const owner = snapshot ? findOwner(snapshot, text) : null;
    if (owner) return `${this.words.parcel} ${owner.number}`;
    const thing = snapshot && outcome !== "unknown" ? findThing(snapshot, text) : null;
    return thing ? this.nameUnit(thing) : shorten(text);
  }

  private buildWaiting({ snapshot, last }: State): Node {
    const { words } = this;
    const finished = last?.outcome === "label_bound" ? last.parcel : null;
    const isAllDone = isAllPacked(snapshot);
    const saying = isAllDone ? words.finishedAll : words.ready;
    return h("div", { class: "waiting" },
      icon(isAllDone ? "check-circle" : "slip"),
      h("p", { class: "waiting-title" }, saying.title),
      h("p", { class: "waiting-next" }, saying.next),
      finished ? h("p", { class: "badge good" }, icon("check-circle"), `${words.parcel} ${finished.number}`) : null,
      isAllDone && snapshot ? this.buildWayOn(String(snapshot.wave.id)) : null,
    );
  }

  private buildWayOn(wave: string): Node {
    return h("p", { class: "way-on" },
      h("a", { class: "button primary", href: "/bench" }, icon("stack"), this.words.nextWave),
      h("a", { class: "button", href: `/waves/${wave}` }, icon("truck"), this.words.toHandOver),
    );
  }

  private buildParcel(parcel: SnapshotParcel): Node {
    const { words } = this;
    const units = sortUnits(parcel.units);
    const next = units.find((unit) => !isDone(unit));
    const left = units.reduce((sum, unit) => sum + unit.quantity - unit.verified, 0);
    return h("div", { class: "parcel", "data-parcel": parcel.id },
      h("div", { class: "parcel-head" },
        h("p", { class: "parcel-number" }, icon("box"), `${words.parcel} ${parcel.number}`),
        ...this.buildTags(parcel),
        h("p", { class: "parcel-left" }, fill(words.remaining, { count: left })),
      ),
      h("ul", { class: chooseSize(units.length) }, ...units.map((unit) => this.buildUnit(unit, unit === next))),
    );
  }

  private buildTags(parcel: SnapshotParcel): Node[] {
    const { words } = this;
    const tags: [string, string, string][] = [];
    if (parcel.position !== null) tags.push(["calm", "stack", fill(words.position, { position: parcel.position })]);
    if (parcel.boxes > 1) tags.push(["info", "box", fill(words.boxOf, { box: parcel.box, boxes: parcel.boxes })]);
    if (parcel.temperature_zone !== "ambient") tags.push(["info", "snow", words.zone[parcel.temperature_zone] ?? parcel.temperature_zone]);
    if (parcel.is_gift) tags.push(["warn", "gift", words.gift]);
    tags.push(["calm", "truck", this.services[parcel.delivery_service] ?? parcel.delivery_service], ...parcel.tasks.map((task): [string, string, string] => ["warn", "hand", task]));
    return tags.map(([tone, name, text]) => h("span", { class: `badge ${tone}` }, icon(name), text));
  }

  private nameUnit(unit: SnapshotUnit): string {
    return (this.language === "en" ? unit.name_en : null) ?? unit.name;
  }

  private buildUnit(unit: SnapshotUnit, isNext: boolean): Node {
    const { words } = this;
    const done = isDone(unit);
    const name = this.nameUnit(unit);
    const button = h("button", { type: "button", class: "button small", click: () => this.acts.confirmByHand(unit) },
      icon("hand"), h("span", { class: "button-words" }, words.byHand), h("span", { class: "unseen" }, ` ${name}`));
    return h("li", { class: `unit ${done ? "done" : ""} ${isNext ? "next" : ""}`, "data-unit": unit.id, "data-kind": unit.kind },
      buildPicture(unit),
      h("div", { class: "unit-text" },
        h("p", { class: "unit-kind" }, icon(UNIT_ICONS[unit.kind]), words.kind[unit.kind], unit.sku ? h("span", { class: "code" }, unit.sku) : null),
        h("p", { class: "unit-name" }, name),
        done ? null : button,
      ),
      h("p", { class: "unit-count" },
        done ? icon("check-circle") : null,
        h("span", {}, String(unit.verified)), h("span", { class: "unit-of" }, `/${unit.quantity}`),
        done ? h("span", { class: "unseen" }, words.done) : null,
      ),
    );
  }
}

function buildPicture(unit: SnapshotUnit): Node {
  if (!unit.picture) return h("span", { class: "unit-picture none" }, icon(UNIT_ICONS[unit.kind]));
  return h("img", { class: "unit-picture", src: unit.picture, alt: "", width: "112", height: "112" });
}

function isOnlyLabelMissing(parcel: SnapshotParcel | null): boolean {
  const missing = parcel?.units.filter((unit) => !isDone(unit)) ?? [];
  return missing.length === 1 && missing[0]?.kind === "label";
}

/** A tablet shows six big cards, nine smaller ones, fifteen small ones without scrolling. */
function chooseSize(count: number): string {
  if (count > 9) return "units many crowd";
  return count > 6 ? "units many" : "units";
}

function isAllPacked(snapshot: State["snapshot"]): boolean {
  if (!snapshot) return false;
  const { packed, total } = countProgress(snapshot);
  return total > 0 && packed === total;
}

/** A code of ours as it is printed, in groups; anything else as it was read, its end if it is long. */
export function shorten(text: string): string {
  const [code] = readKeys(text);
  // Of a product's thirteen digits every thirty-second looks like a code of ours; as a GTIN it has fourteen.
  if (code && isCode(code)) return code.replace(/^(.{4})(.{4})/, "$1-$2-");
  return text.length > 40 ? `…${text.slice(-38)}` : text;
}

function restartAnimation(box: HTMLElement): void {
  box.classList.remove("fresh");
  void box.offsetWidth;
  box.classList.add("fresh");
}
