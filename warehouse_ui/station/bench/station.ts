/// The bench itself: takes scans one after the other, decides at once, keeps them, tells the server when it can.

import { readKeys, isCode } from "../reading.ts";
import { type Judgement, type Outcome, type Scan, apply, decide, isAccepted } from "../verify.ts";
import type { Result, Server } from "./server.ts";
import { type Snapshot, type SnapshotParcel, type SnapshotUnit, findParcel, withParcel } from "./snapshot.ts";
import type { Store, StoredScan } from "./store.ts";

export interface Feedback {
  outcome: Outcome;
  parcel: SnapshotParcel | null;
  unit: SnapshotUnit | null;
  text: string;
  isConflict: boolean;
  at: number;
}
export interface State {
  snapshot: Snapshot | null;
  open: string | null;
  last: Feedback | null;
  unsent: number;
  isOnline: boolean;
  isSending: boolean;
  isSignedOut: boolean;
}
export type Gesture = { text: string } | { by_hand: string; reason: string } | { set_aside: true; reason: string };

const BATCH = 50;
/** What the server takes as one scan; no code of ours or of a shop is as long. */
const LONGEST = 2000;
/** The server's word that it can never read a scan, however often it is sent. */
const UNREADABLE = 422;
/** After these the parcel is no longer worked on: its box goes to the aside shelf, the next slip may be scanned. */
const CLOSING = new Set<Outcome>(["label_bound", "set_aside", "held", "cancelled", "changed_since_print", "already_shipped"]);

export class Station {
  state: State = {
    snapshot: null, open: null, last: null, unsent: 0, isOnline: true, isSending: false, isSignedOut: false,
  };
  private queue: Promise<unknown> = Promise.resolve();
  private sending: Promise<void> | null = null;
  private recorded = 0;

  constructor(
    private readonly wave: string,
    private readonly store: Store,
    private readonly server: Server,
    private readonly onChange: (state: State, isNew: boolean) => void,
    private readonly makeId: () => string = newId,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** First what this device kept, then what the server says; unsent scans go first, or they would be counted twice. */
  async start(): Promise<void> {
    const kept = await this.store.findKept(this.wave);
    this.change({ snapshot: kept?.snapshot ?? null, open: kept?.open ?? null, unsent: await this.store.countUnsent() });
    await this.synchronise();
  }

  /** Scans are judged strictly one after the other. */
  take(gesture: Gesture): Promise<void> {
    const done = this.queue.then(() => this.work(gesture));
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async work(gesture: Gesture): Promise<void> {
    if (!this.state.snapshot) return;
    const scan: Scan = { id: this.makeId(), parcel: this.state.open, ...cut(gesture) };
    const judgement = await this.judge(scan);
    const before = this.state.snapshot;
    const snapshot: Snapshot = { ...before, ...apply(before, judgement) };
    const open = this.nextOpen(judgement, snapshot);
    this.recorded += 1;
    await this.store.record(this.toStored(scan, judgement), { snapshot, open });
    this.change({ snapshot, open, last: this.toFeedback(judgement, scan.text ?? ""), unsent: this.state.unsent + 1 }, true);
    void this.synchronise();
  }

  /** A copy's code that the snapshot does not hold is asked for, while there is a network. */
  private async judge(scan: Scan): Promise<Judgement> {
    const snapshot = this.state.snapshot as Snapshot;
    const judgement = decide(snapshot, scan, new Map());
    const code = judgement.outcome === "unknown" ? readKeys(scan.text ?? "").find(isCode) : undefined;
    if (code === undefined || !this.state.isOnline) return judgement;
    const answer = await this.server.findParcel(code);
    if (answer.kind !== "ok") return judgement;
    if (answer.value.void) this.state.snapshot = { ...snapshot, void: [...snapshot.void, code] };
    else if (answer.value.parcel) this.state.snapshot = withParcel(snapshot, answer.value.parcel);
    return decide(this.state.snapshot as Snapshot, scan, new Map());
  }

  private nextOpen({ outcome, parcel }: Judgement, snapshot: Snapshot): string | null {
    if (outcome === "parcel_opened") return parcel;
    const isStopped = findParcel(snapshot, this.state.open)?.standing !== "ready";
    return CLOSING.has(outcome) || isStopped ? null : this.state.open;
  }

  private toStored(scan: Scan, judgement: Judgement): StoredScan {
    return {
      id: scan.id,
      wave: this.wave,
      parcel_id: scan.parcel,
      at: new Date(this.now()).toISOString(),
      outcome: judgement.outcome,
      ...(scan.text === undefined ? {} : { text: scan.text }),
      ...(scan.by_hand === undefined ? {} : { unit_id: scan.by_hand }),
      ...(scan.set_aside === undefined ? {} : { set_aside: true }),
      ...(scan.reason === undefined ? {} : { reason: scan.reason }),
    };
  }

  private toFeedback(judgement: Judgement, text: string, isConflict = false): Feedback {
    const parcel = findParcel(this.state.snapshot as Snapshot, judgement.parcel);
    const unit = parcel?.units.find((each) => each.id === judgement.unit);
    return { outcome: judgement.outcome, parcel, unit: unit ?? null, text, isConflict, at: this.now() };
  }

  /** Sends what is unsent, then loads what is new. Only one such run at a time; a second call joins the first. */
  synchronise(): Promise<void> {
    this.sending ??= this.exchange()
      .then((isThrough) => {
        this.sending = null;
        // Scans made while the last batch was on its way.
        if (isThrough && this.state.unsent > 0) void this.synchronise();
      });
    return this.sending;
  }

  /** Says whether the server could be told everything. */
  private async exchange(): Promise<boolean> {
    this.change({ isSending: this.state.unsent > 0 });
    for (let scans = await this.store.listUnsent(BATCH); scans.length > 0; scans = await this.store.listUnsent(BATCH)) {
      if (!(await this.tell(scans))) return false;
    }
    this.change({ isSending: false });
    if (this.state.open === null) await this.refresh();
    return true;
  }

  /** Sends these scans. Of a batch the server cannot read each goes alone: one must not hold back the others for ever. */
  private async tell(scans: readonly (StoredScan & { order: number })[]): Promise<boolean> {
    const answer = await this.server.sendScans(scans);
    const isUnreadable = answer.kind === "refused" && answer.status === UNREADABLE;
    if (isUnreadable && scans.length > 1) return this.tellOneByOne(scans);
    // What counted nowhere is let go; what counted here stays, as evidence, until a server can read it.
    const isNothing = isUnreadable && scans.every(({ outcome }) => !isAccepted(outcome));
    if (answer.kind !== "ok" && !isNothing) return this.stopSending(answer.kind);
    await this.store.forget(scans.map((scan) => scan.order));
    this.change({ unsent: await this.store.countUnsent(), isOnline: true, isSignedOut: false });
    if (answer.kind !== "ok") return true;
    for (const result of answer.value.results) await this.compare(result, scans.find((scan) => scan.id === result.id));
    return true;
  }

  private async tellOneByOne(scans: readonly (StoredScan & { order: number })[]): Promise<boolean> {
    for (const scan of scans) if (!(await this.tell([scan]))) return false;
    return true;
  }

  private stopSending(kind: "unreachable" | "signed_out" | "refused"): boolean {
    this.change({ isSending: false, isOnline: kind !== "unreachable", isSignedOut: kind === "signed_out" });
    return false;
  }

  /** The server is the judge: where it refuses what was accepted here, the parcel stops. */
  private async compare(result: Result, scan: StoredScan | undefined): Promise<void> {
    const judged = result.original ?? result.outcome;
    if (!scan || !isAccepted(scan.outcome) || isAccepted(judged) || judged === "repeated") return;
    const stopped = findParcel(this.state.snapshot as Snapshot, result.parcel_id ?? scan.parcel_id);
    const standing = result.standing ?? "held";
    const snapshot = stopped ? withParcel(this.state.snapshot as Snapshot, { ...stopped, standing }) : (this.state.snapshot as Snapshot);
    const open = this.state.open === stopped?.id ? null : this.state.open;
    await this.store.keep(this.wave, { snapshot, open });
    const last = this.toFeedback({ outcome: judged, parcel: stopped?.id ?? null, unit: null, original: null }, scan.text ?? "", true);
    this.change({ snapshot, open, last }, true);
  }

  /** Loads the wave anew, unless scans were made meanwhile: what the server said would then already be old. */
  async refresh(): Promise<void> {
    const before = this.recorded;
    const answer = await this.server.loadWave(this.wave);
    if (answer.kind !== "ok") return void this.stopSending(answer.kind);
    if (this.recorded !== before || this.state.unsent > 0 || this.state.open !== null) return;
    await this.store.keep(this.wave, { snapshot: answer.value, open: null });
    this.change({ snapshot: answer.value, isOnline: true, isSignedOut: false });
  }

  private change(part: Partial<State>, isNew = false): void {
    this.state = { ...this.state, ...part };
    this.onChange(this.state, isNew);
  }
}

const cut = (gesture: Gesture): Gesture => ("text" in gesture ? { text: gesture.text.slice(0, LONGEST) } : gesture);

/** A random UUID; crypto.randomUUID is missing where a warehouse opens the bench by plain http. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
