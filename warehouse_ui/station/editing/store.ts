/// What is being edited and how it came about: every change can be undone and done again.

interface Moment<D> {
  readonly document: D;
  /** What was done to get here, in words; and what one typed text is known by, so that its letters are one change. */
  readonly label: string;
  readonly merge: string | null;
}
const MOST = 200;

export class Store<D> {
  private past: Moment<D>[] = [];
  private now: Moment<D>;
  private future: Moment<D>[] = [];
  private readonly listeners: ((isTyping: boolean) => void)[] = [];

  constructor(document: D) {
    this.now = { document, label: "", merge: null };
  }

  get document(): D {
    return this.now.document;
  }

  get canUndo(): string | null {
    return this.past.length > 0 ? this.now.label : null;
  }

  get canRedo(): string | null {
    return this.future.at(-1)?.label ?? null;
  }

  listen(listener: (isTyping: boolean) => void): void {
    this.listeners.push(listener);
  }

  /** `merge` names a text that is being typed: further letters belong to the same change, and nothing is drawn anew. */
  change(document: D, label: string, merge: string | null = null): void {
    if (document === this.now.document) return;
    if (merge === null || merge !== this.now.merge) this.past = [...this.past.slice(-MOST + 1), this.now];
    this.now = { document, label, merge };
    this.future = [];
    this.tell(merge !== null);
  }

  /** A typed text is finished: what comes next is a change of its own. */
  settle(): void {
    this.now = { ...this.now, merge: null };
  }

  undo(): string | null {
    const before = this.past.pop();
    if (before === undefined) return null;
    const { label } = this.now;
    this.future.push(this.now);
    this.now = { ...before, merge: null };
    this.tell(false);
    return label;
  }

  redo(): string | null {
    const after = this.future.pop();
    if (after === undefined) return null;
    this.past.push(this.now);
    this.now = { ...after, merge: null };
    this.tell(false);
    return after.label;
  }

  private tell(isTyping: boolean): void {
    for (const listener of this.listeners) listener(isTyping);
  }
}
