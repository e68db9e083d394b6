import { IDBFactory } from "fake-indexeddb";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Outcome, Standing, World } from "../verify.ts";
import type { Answer, Result, Server } from "./server.ts";
import { type Snapshot, type SnapshotParcel, findOwner } from "./snapshot.ts";
import { Station, type State, newId } from "./station.ts";
import { Store, type StoredScan } from "./store.ts";

const path = resolve(import.meta.dirname, "../../../tests/fulfillment/verification_cases.json");
const world = (JSON.parse(readFileSync(path, "utf-8")) as { worlds: Record<string, World> }).worlds["shop"] as World;
const [SLIP, TEA] = ["S1PAAAAAAAA1A", "4901234567894"];

function makeSnapshot(): Snapshot {
  const shown = { number: "S-1", shipment_id: "s", position: 1, box: 1, boxes: 1, delivery_service: "x", temperature_zone: "ambient", is_gift: false, tasks: [] };
  const parcels = structuredClone(world.parcels).map((parcel) => ({ ...parcel, ...shown, units: parcel.units.map((unit) => ({ ...unit, name: unit.id })) }));
  return { ...structuredClone(world), parcels: parcels as SnapshotParcel[], wave: { id: "w", number: "W-1" }, taken_at: "2026-11-21T00:00:00Z" };
}

/** A server that can be away, and that can judge otherwise. */
class FakeServer {
  isAway = false;
  status: Answer<never> | null = null;
  unreadable: string | null = null;
  received: StoredScan[] = [];
  judging: Partial<Record<Outcome, [Outcome, Standing]>> = {};
  elsewhere: SnapshotParcel | null = null;
  loads = 0;

  async loadWave(): Promise<Answer<Snapshot>> {
    this.loads += 1;
    return this.answer(makeSnapshot());
  }
  async findParcel(): Promise<Answer<{ parcel: SnapshotParcel | null; void: boolean }>> {
    return this.elsewhere ? this.answer({ parcel: this.elsewhere, void: false }) : { kind: "refused", status: 404 };
  }
  async sendScans(scans: readonly StoredScan[]): Promise<Answer<{ results: Result[] }>> {
    if (scans.some(({ text }) => text === this.unreadable)) return { kind: "refused", status: 422 };
    const answer = this.answer({ results: scans.map((scan) => this.judge(scan)) });
    if (answer.kind === "ok") this.received.push(...scans);
    return answer;
  }
  private judge(scan: StoredScan): Result {
    const [outcome, standing] = this.judging[scan.outcome] ?? [scan.outcome, "ready" as Standing];
    return { id: scan.id, outcome, original: null, parcel_id: scan.parcel_id, unit_id: null, standing };
  }
  private answer<T>(value: T): Answer<T> {
    if (this.isAway) return { kind: "unreachable" };
    return this.status ?? { kind: "ok", value };
  }
}

let factory: IDBFactory;
let server: FakeServer;
let states: State[];

beforeEach(() => {
  factory = new IDBFactory();
  server = new FakeServer();
  states = [];
});

async function start(): Promise<Station> {
  const station = new Station("w", await Store.open(factory), server as unknown as Server, (state) => states.push(state));
  await station.start();
  return station;
}

async function scan(station: Station, ...texts: string[]): Promise<Outcome | undefined> {
  for (const text of texts) await station.take({ text });
  await station.synchronise();
  return station.state.last?.outcome;
}

describe("with a network", () => {
  test("a slip opens its parcel and every scan reaches the server in order", async () => {
    const station = await start();
    expect(await scan(station, SLIP, TEA, TEA, TEA)).toBe("too_many");
    expect(station.state.open).toBe("p1");
    expect(server.received.map((each) => each.outcome)).toEqual(["parcel_opened", "accepted", "accepted", "too_many"]);
    expect(station.state.unsent).toBe(0);
  });

  test("where the server judges otherwise the parcel stops", async () => {
    const station = await start();
    server.judging = { accepted: ["held", "held"] };
    await scan(station, SLIP, TEA);
    expect(station.state.open).toBeNull();
    expect(station.state.last).toMatchObject({ outcome: "held", isConflict: true });
    expect(states.some(({ snapshot }) => snapshot?.parcels.some((each) => each.id === "p1" && each.standing === "held"))).toBe(true);
  });

  test("a parcel that the snapshot lacks is asked for by its code", async () => {
    const station = await start();
    const snapshot = makeSnapshot();
    server.elsewhere = snapshot.parcels[0] as SnapshotParcel;
    station.state.snapshot = { ...snapshot, parcels: snapshot.parcels.slice(1) };
    expect(await scan(station, SLIP)).toBe("parcel_opened");
  });

  test("a snapshot that was asked for before a scan is not taken after it", async () => {
    const station = await start();
    await station.take({ text: SLIP });
    const loading = station.refresh();
    await station.take({ text: TEA });
    await loading;
    const tea = station.state.snapshot?.parcels.find((each) => each.id === "p1")?.units.find((unit) => unit.id === "tea");
    expect(tea?.verified).toBe(1);
  });
});

describe("without a network", () => {
  test("scans are decided, kept, and sent once it is back", async () => {
    const station = await start();
    server.isAway = true;
    expect(await scan(station, SLIP, TEA)).toBe("accepted");
    expect(station.state).toMatchObject({ isOnline: false, unsent: 2 });
    server.isAway = false;
    await station.synchronise();
    expect(server.received).toHaveLength(2);
    expect(station.state).toMatchObject({ isOnline: true, unsent: 0 });
  });

  test("a reload goes on where the packer was", async () => {
    const before = await start();
    server.isAway = true;
    await scan(before, SLIP, TEA);
    const after = await start();
    expect(after.state).toMatchObject({ open: "p1", unsent: 2 });
    expect(await scan(after, TEA, TEA)).toBe("too_many");
  });

  test("the wave is not loaded anew while scans are unsent: they would be counted twice", async () => {
    const before = await start();
    server.isAway = true;
    await scan(before, SLIP, TEA);
    const { loads } = server;
    await start();
    expect(server.loads).toBe(loads);
  });

  test("what nobody here knows is refused", async () => {
    const station = await start();
    server.isAway = true;
    expect(await scan(station, "https://soegaki.example/c/S1PBBBBBBBBZZ")).toBe("unknown");
  });
});

test("a sign-in that ended keeps the scans and says so", async () => {
  const station = await start();
  server.status = { kind: "signed_out" };
  await scan(station, SLIP);
  expect(station.state).toMatchObject({ isSignedOut: true, unsent: 1 });
});

test("a request the server refuses is not sent for ever in a hot loop", async () => {
  const station = await start();
  server.status = { kind: "refused", status: 422 };
  await scan(station, SLIP, TEA);
  expect(station.state).toMatchObject({ isSending: false, unsent: 2 });
});

test("one scan the server cannot read holds back no other", async () => {
  const station = await start();
  server.isAway = true;
  await scan(station, SLIP, "no such thing", TEA);
  server.isAway = false;
  server.unreadable = "no such thing";
  await station.synchronise();
  expect(server.received.map((each) => each.outcome)).toEqual(["parcel_opened", "accepted"]);
  expect(station.state).toMatchObject({ unsent: 0, open: "p1" });
});

test("a code of any length is cut to what the server takes", async () => {
  const station = await start();
  await scan(station, SLIP, "A".repeat(3000));
  expect(server.received.at(-1)?.text).toHaveLength(2000);
});

test("setting aside and confirming by hand carry their reason", async () => {
  const station = await start();
  await scan(station, SLIP);
  await station.take({ by_hand: "tea", reason: "no_barcode" });
  await station.take({ set_aside: true, reason: "damaged" });
  await station.synchronise();
  expect(server.received.slice(1)).toMatchObject([
    { outcome: "accepted", unit_id: "tea", reason: "no_barcode" },
    { outcome: "set_aside", set_aside: true, reason: "damaged" },
  ]);
  expect(station.state.open).toBeNull();
});

test("a paper in the wrong pile names the parcel it belongs to", async () => {
  const snapshot = makeSnapshot();
  const slip = snapshot.parcels[1]?.units.find(({ kind }) => kind === "slip");
  expect(findOwner(snapshot, slip?.keys[0] ?? "")?.id).toBe(snapshot.parcels[1]?.id);
  expect(findOwner(snapshot, TEA)).toBeNull();
});

test("ids are random UUIDs of version 4", () => {
  const ids = new Set(Array.from({ length: 200 }, newId));
  expect(ids.size).toBe(200);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
