/// What survives a reload and a lost network: scans not yet told to the server, and the world they were judged over.

import type { Outcome } from "../verify.ts";
import type { Snapshot } from "./snapshot.ts";

export interface StoredScan {
  id: string;
  wave: string;
  parcel_id: string | null;
  text?: string;
  unit_id?: string;
  set_aside?: boolean;
  reason?: string;
  at: string;
  outcome: Outcome;
}
export interface Kept {
  snapshot: Snapshot;
  open: string | null;
}

const NAME = "soegaki-bench";
const VERSION = 1;

export class Store {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(factory: IDBFactory = indexedDB): Promise<Store> {
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("scans", { keyPath: "order", autoIncrement: true });
      request.result.createObjectStore("kept");
    };
    return new Store(await settle(request));
  }

  /** Writes the scan and the world after it together, to the disk, before the packer is told. */
  async record(scan: StoredScan, kept: Kept): Promise<void> {
    const work = this.database.transaction(["scans", "kept"], "readwrite", { durability: "strict" });
    work.objectStore("scans").add(scan);
    work.objectStore("kept").put(kept, scan.wave);
    await finish(work);
  }

  async keep(wave: string, kept: Kept): Promise<void> {
    const work = this.database.transaction("kept", "readwrite");
    work.objectStore("kept").put(kept, wave);
    await finish(work);
  }

  async findKept(wave: string): Promise<Kept | null> {
    const found: unknown = await settle(this.database.transaction("kept").objectStore("kept").get(wave));
    return (found as Kept | undefined) ?? null;
  }

  /** The oldest scans first: the server must judge them in the order in which they were made. */
  async listUnsent(limit: number): Promise<(StoredScan & { order: number })[]> {
    const scans = this.database.transaction("scans").objectStore("scans");
    return (await settle(scans.getAll(undefined, limit))) as (StoredScan & { order: number })[];
  }

  async countUnsent(): Promise<number> {
    return settle(this.database.transaction("scans").objectStore("scans").count());
  }

  async forget(orders: readonly number[]): Promise<void> {
    const work = this.database.transaction("scans", "readwrite");
    for (const order of orders) work.objectStore("scans").delete(order);
    await finish(work);
  }
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
  });
}

function finish(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = () => reject(work.error ?? new Error("IndexedDB gave up"));
  });
}
