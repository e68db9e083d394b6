/// Decides what a scan means, over a snapshot; pure. The rules are docs/verification.md, the cases
/// tests/fulfillment/verification_cases.json: fulfillment/verification.py must answer the same to each.

import { readKeys } from "./reading.ts";

export type Kind = "goods" | "insert" | "task" | "slip" | "document" | "label";
export type Standing = "ready" | "packed" | "held" | "cancelled" | "changed" | "care_flag" | "shipped";
export type Outcome =
  | "parcel_opened" | "accepted" | "label_bound" | "set_aside" | "repeated"
  | "unknown" | "no_parcel" | "wrong_item" | "too_many" | "belongs_to_other_parcel" | "wrong_session" | "void_copy"
  | "incomplete" | "already_packed" | "already_shipped" | "held" | "cancelled" | "changed_since_print" | "care_flag";

export interface Unit {
  id: string;
  kind: Kind;
  keys: string[];
  quantity: number;
  verified: number;
  session: string | null;
}
export interface Parcel {
  id: string;
  standing: Standing;
  session: string | null;
  units: Unit[];
  avoid: string[];
}
export interface Item {
  keys: string[];
  session: string | null;
}
export interface World<P extends Parcel = Parcel> {
  session: string | null;
  parcels: P[];
  void: string[];
  items: Item[];
}
export interface Scan {
  id: string;
  parcel: string | null;
  text?: string;
  by_hand?: string;
  set_aside?: boolean;
  reason?: string;
}
export interface Judgement {
  outcome: Outcome;
  parcel: string | null;
  unit: string | null;
  original: Outcome | null;
}
export type Judged = ReadonlyMap<string, Outcome>;

const HAS_EFFECT = new Set<Outcome>(["parcel_opened", "accepted", "label_bound", "set_aside"]);
const COPIES = new Set<Kind>(["slip", "document", "label"]);
const REFUSED: Partial<Record<Standing, Outcome>> = {
  shipped: "already_shipped",
  cancelled: "cancelled",
  held: "held",
  changed: "changed_since_print",
  care_flag: "care_flag",
  packed: "already_packed",
};

export const isAccepted = (outcome: Outcome): boolean => HAS_EFFECT.has(outcome);
const isCopy = (unit: Unit): boolean => COPIES.has(unit.kind);
const isFull = (unit: Unit): boolean => unit.verified >= unit.quantity;
const hasKey = (keys: readonly string[], key: string): boolean => keys.includes(key);

function judge(outcome: Outcome, parcel?: Parcel | null, unit?: Unit | null): Judgement {
  return { outcome, parcel: parcel?.id ?? null, unit: unit?.id ?? null, original: null };
}

/** What the scan means; changes nothing. `judged` holds the outcome of every scan id seen before. */
export function decide(world: World, scan: Scan, judged: Judged): Judgement {
  const original = judged.get(scan.id);
  if (original) return { outcome: "repeated", parcel: scan.parcel, unit: null, original };
  const open = scan.parcel === null ? null : (world.parcels.find((parcel) => parcel.id === scan.parcel) ?? null);
  if (scan.parcel !== null && !open) return judge("unknown");
  if (scan.set_aside) return setAside(open);
  const keys = scan.by_hand === undefined ? readKeys(scan.text ?? "") : [];
  if (open && open.standing !== "ready") return refuseStanding(open, keys);
  if (scan.by_hand !== undefined) return confirm(open, scan.by_hand);
  return open ? decideInParcel(world, open, keys) : decideAlone(world, keys);
}

function setAside(open: Parcel | null): Judgement {
  if (!open) return judge("no_parcel");
  return judge(open.standing === "shipped" ? "already_shipped" : "set_aside", open);
}

function refuseStanding(parcel: Parcel, keys: string[]): Judgement {
  const own = findCopy([parcel], keys);
  if (parcel.standing === "packed" && own?.unit.kind === "label") return judge("repeated", parcel, own.unit);
  return judge(REFUSED[parcel.standing] ?? "unknown", parcel);
}

function confirm(open: Parcel | null, unitId: string): Judgement {
  const unit = open?.units.find((candidate) => candidate.id === unitId);
  if (!open || !unit) return judge("unknown", open);
  if (isCopy(unit)) return decideOwnCopy(open, unit);
  if (unit.keys.some((key) => hasKey(open.avoid, key))) return judge("care_flag", open, unit);
  return isFull(unit) ? judge("too_many", open, unit) : accept(open, unit);
}

function decideAlone(world: World, keys: string[]): Judgement {
  const found = keys.map((key) => lookUpAlone(world, key)).find((judgement) => judgement !== null);
  return found ?? judge("unknown");
}

function lookUpAlone(world: World, key: string): Judgement | null {
  if (hasKey(world.void, key)) return judge("void_copy");
  const copy = findCopy(world.parcels, [key]);
  if (copy) return openBy(world, copy.parcel, copy.unit);
  return isKnownItem(world, key) ? judge("no_parcel") : null;
}

function openBy(world: World, parcel: Parcel, unit: Unit): Judgement {
  if (unit.kind === "label" && parcel.standing === "packed") return judge("repeated", parcel, unit);
  if (unit.kind !== "slip") return judge("no_parcel", parcel);
  const refused = REFUSED[parcel.standing];
  if (refused) return judge(refused, parcel);
  if (differ(world.session, parcel.session)) return judge("wrong_session", parcel);
  return judge("parcel_opened", parcel, unit);
}

function decideInParcel(world: World, open: Parcel, keys: string[]): Judgement {
  const found = keys.map((key) => lookUpInParcel(world, open, key)).find((judgement) => judgement !== null);
  return found ?? judge("unknown", open);
}

function lookUpInParcel(world: World, open: Parcel, key: string): Judgement | null {
  if (hasKey(world.void, key)) return judge("void_copy", open);
  const copy = findCopy(world.parcels, [key]);
  if (copy?.parcel === open) return decideOwnCopy(open, copy.unit);
  if (copy) return judge(differ(copy.parcel.session, open.session) ? "wrong_session" : "belongs_to_other_parcel", open);
  return decideItem(world, open, key);
}

function decideOwnCopy(open: Parcel, unit: Unit): Judgement {
  if (isFull(unit)) return judge("repeated", open, unit);
  if (unit.kind !== "label") return accept(open, unit);
  const missing = open.units.some((other) => other !== unit && !isFull(other));
  return judge(missing ? "incomplete" : "label_bound", open, unit);
}

function decideItem(world: World, open: Parcel, key: string): Judgement | null {
  if (hasKey(open.avoid, key)) return judge("care_flag", open);
  const units = open.units.filter((unit) => hasKey(unit.keys, key));
  const unit = units.find((candidate) => !isFull(candidate));
  if (unit) return accept(open, unit);
  if (units[0]) return judge("too_many", open, units[0]);
  if (!isKnownItem(world, key)) return null;
  return judge(differ(findItemSession(world, key), open.session) ? "wrong_session" : "wrong_item", open);
}

/** The last unit of a parcel without a label packs it. */
function accept(open: Parcel, unit: Unit): Judgement {
  const others = open.units.every((other) => (other === unit ? other.verified + 1 >= other.quantity : isFull(other)));
  return judge(others ? "label_bound" : "accepted", open, unit);
}

function findCopy(parcels: Parcel[], keys: string[]): { parcel: Parcel; unit: Unit } | null {
  for (const parcel of parcels) {
    const unit = parcel.units.find((candidate) => isCopy(candidate) && candidate.keys.some((key) => hasKey(keys, key)));
    if (unit) return { parcel, unit };
  }
  return null;
}

function listItems(world: World, key: string): Item[] {
  const expected = world.parcels.flatMap((parcel) => parcel.units).filter((unit) => !isCopy(unit));
  return [...expected, ...world.items].filter((item) => hasKey(item.keys, key));
}

const isKnownItem = (world: World, key: string): boolean => listItems(world, key).length > 0;
const findItemSession = (world: World, key: string): string | null => listItems(world, key)[0]?.session ?? null;
const differ = (one: string | null, other: string | null): boolean => one !== null && other !== null && one !== other;

/** The world after a judgement: counts one more, marks the packed parcel. Refused scans change nothing. */
export function apply<P extends Parcel>(world: World<P>, judgement: Judgement): World<P> {
  const { outcome, parcel: parcelId, unit: unitId } = judgement;
  if (!isAccepted(outcome) || outcome === "set_aside") return world;
  return { ...world, parcels: world.parcels.map((parcel) => (parcel.id === parcelId ? count(parcel, unitId, outcome) : parcel)) };
}

function count<P extends Parcel>(parcel: P, unitId: string | null, outcome: Outcome): P {
  const units = parcel.units.map((unit) =>
    unit.id === unitId && !isFull(unit) ? { ...unit, verified: unit.verified + 1 } : unit,
  );
  return { ...parcel, units, standing: outcome === "label_bound" ? "packed" : parcel.standing };
}
