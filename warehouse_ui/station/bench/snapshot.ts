/// The snapshot of a wave, as GET /api/bench/waves/{id} answers it: the world with what a packer needs to see.

import { isCode, readKeys } from "../reading.ts";
import type { Parcel, Unit, World } from "../verify.ts";

export interface SnapshotUnit extends Unit {
  name: string;
  name_en?: string | null;
  sku?: string | null;
  picture?: string | null;
  copy_kind?: string | null;
}
export interface SnapshotParcel extends Parcel {
  number: string;
  shipment_id: string;
  position: number | null;
  box: number;
  boxes: number;
  delivery_service: string;
  temperature_zone: string;
  is_gift: boolean;
  tasks: string[];
  units: SnapshotUnit[];
}
export interface Snapshot extends World<SnapshotParcel> {
  wave: { id: string; number: number | string };
  taken_at: string;
}

export const isDone = (unit: Unit): boolean => unit.verified >= unit.quantity;

export function findParcel(snapshot: Snapshot, id: string | null): SnapshotParcel | null {
  return snapshot.parcels.find((parcel) => parcel.id === id) ?? null;
}

/** The parcel that a scanned paper is printed for, so that it can be laid back where it belongs. */
export function findOwner(snapshot: Snapshot, text: string): SnapshotParcel | null {
  const code = readKeys(text).find(isCode);
  if (code === undefined) return null;
  return snapshot.parcels.find(({ units }) => units.some(({ keys }) => keys.includes(code))) ?? null;
}

/** The thing that a refused barcode names, if any parcel of the wave expects it: a name is read faster than digits. */
export function findThing(snapshot: Snapshot, text: string): SnapshotUnit | null {
  const read = readKeys(text);
  const units = snapshot.parcels.flatMap((parcel) => parcel.units);
  return units.find(({ keys }) => read.some((key) => keys.includes(key))) ?? null;
}

export interface Progress {
  packed: number;
  stopped: number;
  total: number;
}

export function countProgress(snapshot: Snapshot): Progress {
  const inWave = snapshot.parcels.filter((parcel) => parcel.position !== null);
  const done = new Set(["packed", "shipped"]);
  return {
    packed: inWave.filter((parcel) => done.has(parcel.standing)).length,
    stopped: inWave.filter((parcel) => !done.has(parcel.standing) && parcel.standing !== "ready").length,
    total: inWave.length,
  };
}

/** Copies first as they lie on top of the pile, then things, the label last: the order in which hands take them. */
export function sortUnits(units: readonly SnapshotUnit[]): SnapshotUnit[] {
  const rank = { slip: 0, goods: 1, insert: 2, document: 3, task: 4, label: 5 };
  return [...units].sort((one, other) => rank[one.kind] - rank[other.kind]);
}

/** Puts a parcel that the server knows into the snapshot, in place of what was known of it. */
export function withParcel(snapshot: Snapshot, parcel: SnapshotParcel): Snapshot {
  const others = snapshot.parcels.filter((known) => known.id !== parcel.id);
  const position = findParcel(snapshot, parcel.id)?.position ?? null;
  return { ...snapshot, parcels: [...others, { ...parcel, position: parcel.position ?? position }] };
}
