/// The server, as the bench sees it. A failure to reach it is an answer like any other.

import type { Outcome, Standing } from "../verify.ts";
import type { Snapshot, SnapshotParcel } from "./snapshot.ts";
import type { StoredScan } from "./store.ts";

export interface Result {
  id: string;
  outcome: Outcome;
  original: Outcome | null;
  parcel_id: string | null;
  unit_id: string | null;
  standing: Standing | null;
}
export type Answer<T> = { kind: "ok"; value: T } | { kind: "unreachable" } | { kind: "signed_out" } | { kind: "refused"; status: number };

const PATIENCE = 8000;

export class Server {
  constructor(
    private readonly csrfToken: string,
    private readonly bench: string,
    private readonly call: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  loadWave(id: string): Promise<Answer<Snapshot>> {
    return this.ask(`/api/bench/waves/${id}`);
  }

  findParcel(code: string): Promise<Answer<{ parcel: SnapshotParcel | null; void: boolean }>> {
    return this.ask(`/api/bench/parcels/by-code/${encodeURIComponent(code)}`, undefined, 1500);
  }

  /** The wave of a slip, letter, label or cover sheet. */
  findWave(code: string): Promise<Answer<{ wave_id: string }>> {
    return this.ask(`/bench/by-code/${encodeURIComponent(code)}`);
  }

  sendScans(scans: readonly StoredScan[]): Promise<Answer<{ results: Result[] }>> {
    return this.ask("/api/bench/scans", { scans: scans.map(toWire), ...(this.bench ? { bench_id: this.bench } : {}) });
  }

  private async ask<T>(path: string, body?: unknown, patience = PATIENCE): Promise<Answer<T>> {
    const init: RequestInit = {
      headers: { Accept: "application/json", "X-CSRF-Token": this.csrfToken, ...(body ? { "Content-Type": "application/json" } : {}) },
      signal: AbortSignal.timeout(patience),
      credentials: "same-origin",
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    };
    try {
      const response = await this.call(path, init);
      if (response.ok) return { kind: "ok", value: (await response.json()) as T };
      return response.status === 401 || response.status === 403 ? { kind: "signed_out" } : refuse(response.status);
    } catch {
      return { kind: "unreachable" };
    }
  }
}

/** A server in trouble is asked again; one that refuses is not. */
function refuse<T>(status: number): Answer<T> {
  return status >= 500 || status === 429 ? { kind: "unreachable" } : { kind: "refused", status };
}

function toWire(scan: StoredScan): Record<string, unknown> {
  const { id, parcel_id, text, unit_id, set_aside, reason, at, outcome } = scan;
  return { id, parcel_id, text: text ?? "", unit_id: unit_id ?? null, set_aside: set_aside ?? false, reason: reason ?? null, at, outcome };
}
