/// Keeps the draft: at once in this browser, a moment later on the server; and what the other one saved meanwhile.

import { type RulesetDocument, isSame, withoutBlanks } from "./document.ts";
import { type Choice, type Difference, findDifferences, merge } from "./merging.ts";
import type { Answer, Draft, Saved, Server } from "./server.ts";
import type { Store } from "./store.ts";

export type Standing = "saved" | "waiting" | "saving" | "unreachable" | "signed_out" | "undecided" | "refused";
export interface Overtaking {
  readonly by: string;
  readonly differences: readonly Difference[];
}
interface LocalCopy {
  readonly document: RulesetDocument;
  readonly base: RulesetDocument;
  readonly version: number;
}
/** What the browser offers of storage; a test gives its own. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;
const PAUSE = 700;
const RETRY = 4000;

export class Saver {
  standing: Standing = "saved";
  reason = "";
  overtaking: Overtaking | null = null;
  private base: RulesetDocument;
  private version: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: Store,
    private readonly server: Pick<Server, "save" | "loadDraft">,
    private readonly shelf: Shelf,
    private readonly name: string,
    public draft: Draft,
    private readonly onStanding: () => void,
  ) {
    this.base = draft.document;
    this.version = draft.version;
    store.listen(() => this.changed());
  }

  /** Takes up what was typed before the page was left and never reached the server. True when there was something. */
  takeUp(): boolean {
    const text = this.shelf.getItem(this.name);
    const copy = text === null ? null : (JSON.parse(text) as LocalCopy);
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
    if (isSame(withoutBlanks(this.store.document), this.base)) return this.settle("saved");
    this.shelf.setItem(this.name, JSON.stringify({ document: this.store.document, base: this.base, version: this.version } satisfies LocalCopy));
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
    if (this.standing === "undecided" || isSame(withoutBlanks(this.store.document), this.base)) return this.standing === "saved";
    this.running = this.send();
    await this.running;
    return (this.standing as Standing) === "saved";
  }

  private async send(): Promise<void> {
    const sent = withoutBlanks(this.store.document);
    this.tell("saving");
    const answer = await this.server.save(sent, this.version);
    this.running = null;
    this.read(answer, sent);
  }

  private read(answer: Answer<Saved>, sent: RulesetDocument): void {
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
  private receive(theirs: Draft): void {
    const differences = findDifferences(this.base, this.store.document, theirs.document);
    const kept = new Map<string, Choice>(differences.filter(({ isBoth }) => isBoth).map(({ key }) => [key, "mine"]));
    const merged = merge(this.base, this.store.document, theirs.document, kept);
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
      const wanted = choices.get(key) === "mine" ? mine : theirs;
      const place = document.rules.findIndex((rule) => rule.key === key);
      const rules = place < 0 ? (wanted === null ? document.rules : [...document.rules, wanted]) : document.rules.flatMap((rule, at) => (at === place ? (wanted === null ? [] : [wanted]) : [rule]));
      document = { ...document, rules };
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
