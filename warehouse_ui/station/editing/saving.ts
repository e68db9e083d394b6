/// Keeps the draft: at once in this browser, a moment later on the server; and what the other one saved meanwhile.

import type { Answer, Draft, Saved } from "./asking.ts";
import { isSame } from "./paths.ts";
import type { Store } from "./store.ts";

/** A part of a document (a rule, an element) that two people may change. null: it is not there. */
export interface Difference<P> {
  readonly key: string;
  readonly base: P | null;
  readonly mine: P | null;
  readonly theirs: P | null;
  /** Both changed it, and not alike: a person decides. */
  readonly isBoth: boolean;
}
export type Choice = "mine" | "theirs";
/** How documents of one kind come together. Pure. */
export interface Merger<D, P> {
  /** Without what is not worth keeping yet. */
  clean(document: D): D;
  /** The parts that the other changed since the base. */
  findDifferences(base: D, mine: D, theirs: D): Difference<P>[];
  /** Theirs, with what I changed, and for each difference what was chosen (else theirs). */
  merge(base: D, mine: D, theirs: D, choices: ReadonlyMap<string, Choice>): D;
  /** The document with this part in its place; null takes it out. */
  put(document: D, key: string, part: P | null): D;
}
export interface DraftServer<D> {
  save(document: D, seen: number): Promise<Answer<Saved, D>>;
  loadDraft(seen?: number): Promise<Answer<Draft<D>, D>>;
}
export type Standing = "saved" | "waiting" | "saving" | "unreachable" | "signed_out" | "undecided" | "refused";
export interface Overtaking<P> {
  readonly by: string;
  readonly differences: readonly Difference<P>[];
}
interface LocalCopy<D> {
  readonly document: D;
  readonly base: D;
  readonly version: number;
}
/** What the browser offers of storage; a test gives its own. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;
const PAUSE = 700;
const RETRY = 4000;

export class Saver<D, P> {
  standing: Standing = "saved";
  reason = "";
  overtaking: Overtaking<P> | null = null;
  private base: D;
  private version: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: Store<D>,
    private readonly merger: Merger<D, P>,
    private readonly server: DraftServer<D>,
    private readonly shelf: Shelf,
    private readonly name: string,
    public draft: Draft<D>,
    private readonly onStanding: () => void,
  ) {
    this.base = draft.document;
    this.version = draft.version;
    store.listen(() => this.changed());
  }

  /** Takes up what was typed before the page was left and never reached the server. True when there was something. */
  takeUp(): boolean {
    const text = this.shelf.getItem(this.name);
    const copy = text === null ? null : (JSON.parse(text) as LocalCopy<D>);
    if (copy === null || isSame(copy.document, this.draft.document)) return false;
    if (copy.version === this.version) this.store.change(copy.document, "");
    else {
      this.base = copy.base;
      this.store.change(copy.document, "");
      this.receive(this.draft);
    }
    return true;
  }

  private changed(): void {
    if (isSame(this.merger.clean(this.store.document), this.base)) return this.settle("saved");
    this.shelf.setItem(this.name, JSON.stringify({ document: this.store.document, base: this.base, version: this.version } satisfies LocalCopy<D>));
    if (this.standing !== "undecided") this.plan(PAUSE, "waiting");
  }

  private plan(pause: number, standing: Standing): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), pause);
    this.tell(standing);
  }

  private settle(standing: Standing): void {
    clearTimeout(this.timer);
    if (standing === "saved") this.shelf.removeItem(this.name);
    this.tell(standing);
  }

  private tell(standing: Standing): void {
    this.standing = standing;
    this.onStanding();
  }

  /** Saves now; resolves when everything is saved or cannot be. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.running !== null) await this.running;
    if (this.standing === "undecided" || isSame(this.merger.clean(this.store.document), this.base)) return this.standing === "saved";
    this.running = this.send();
    await this.running;
    return (this.standing as Standing) === "saved";
  }

  private async send(): Promise<void> {
    const sent = this.merger.clean(this.store.document);
    this.tell("saving");
    const answer = await this.server.save(sent, this.version);
    this.running = null;
    this.read(answer, sent);
  }

  private read(answer: Answer<Saved, D>, sent: D): void {
    if (answer.kind === "ok") {
      this.base = sent;
      this.version = answer.value.version;
      this.draft = { ...this.draft, ...answer.value, document: sent };
      this.changed();
    } else if (answer.kind === "overtaken") this.receive(answer.value);
    else if (answer.kind === "unreachable") this.plan(RETRY, "unreachable");
    else if (answer.kind === "refused") {
      this.reason = answer.text;
      this.settle("refused");
    } else this.settle("signed_out");
  }

  /** Asks whether somebody else saved. */
  async look(): Promise<void> {
    if (this.running !== null || this.standing === "undecided") return;
    const answer = await this.server.loadDraft(this.version);
    if (answer.kind === "ok" && answer.value.version > this.version && this.running === null) this.receive(answer.value);
    else if (answer.kind === "signed_out") this.settle("signed_out");
  }

  /** Takes over what only the other changed; what both changed stays mine until a person chooses. */
  private receive(theirs: Draft<D>): void {
    const differences = this.merger.findDifferences(this.base, this.store.document, theirs.document);
    const kept = new Map<string, Choice>(differences.filter(({ isBoth }) => isBoth).map(({ key }) => [key, "mine"]));
    const merged = this.merger.merge(this.base, this.store.document, theirs.document, kept);
    this.base = theirs.document;
    this.version = theirs.version;
    this.draft = theirs;
    if (differences.length > 0) this.overtaking = { by: theirs.saved_by ?? "", differences };
    if (kept.size > 0) this.standing = "undecided";
    this.store.change(merged, "");
    if (kept.size > 0) return this.tell("undecided");
    this.changed();
  }

  /** What was chosen for each rule that the other changed; the rest is taken as it stands. */
  decide(choices: ReadonlyMap<string, Choice>): void {
    let { document } = this.store;
    for (const { key, mine, theirs } of this.overtaking?.differences ?? []) {
      document = this.merger.put(document, key, choices.get(key) === "mine" ? mine : theirs);
    }
    this.overtaking = null;
    this.standing = "saved";
    this.store.change(document, "");
    this.changed();
  }

  dismiss(): void {
    this.overtaking = null;
    this.onStanding();
  }
}
