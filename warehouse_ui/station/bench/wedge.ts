/// Reads a scanner that types like a keyboard, anywhere on the page: with CR, TAB or no suffix, with an IME on or off.

export interface Key {
  key: string;
  code: string;
  shift: boolean;
  at: number;
}

const SUFFIXES = new Set(["Enter", "Tab"]);
/** Two keys further apart than this are not one scan. Bluetooth scanners leave up to 60 ms, a busy tablet much more. */
const GAP = 700;
/** Without a suffix a scan ends when nothing follows for so long … */
const SILENCE = 180;
/** … and only what came faster than a person types is a scan. */
const FAST = 45;
const SHORTEST = 4;
/** Some scanners end with CR and LF: the second key, so soon after the scan, is its own and presses no button. */
const ECHO = 150;

const BY_POSITION: Record<string, string> = {
  Minus: "-", Slash: "/", Period: ".", Comma: ",", Semicolon: ";", Quote: ":", Space: " ", NumpadDecimal: ".", NumpadSubtract: "-", NumpadDivide: "/",
};

/** The character of a key. While an IME swallows it ("Process"), the key's place on the board tells it. */
export function readKey({ key, code, shift }: Key): string | null {
  if ([...key].length === 1) return key;
  if (key !== "Process" && key !== "Unidentified") return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
  if (digit) return digit[1] ?? null;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  return BY_POSITION[code] ?? null;
}

export class Wedge {
  private text = "";
  private first = 0;
  private last = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** A scanner that sent a suffix once always does: a pause in its scan is then no end. */
  private sendsSuffix = false;
  /** When the last scan ended. */
  private ended = -Infinity;

  /** In a field in which a person may write, only what came faster than a person types is a scan, suffix or not. */
  constructor(
    private readonly onScan: (text: string) => void,
    private readonly isInField = false,
  ) {}

  /** Takes one key; says whether it belongs to a scan, so that it must not press the button that has the focus. */
  take(key: Key): boolean {
    clearTimeout(this.timer);
    if (this.text !== "" && key.at - this.last > GAP) this.text = "";
    if (SUFFIXES.has(key.key)) {
      if (this.text === "" && key.at - this.ended < ECHO) return true;
      this.sendsSuffix ||= this.isScan();
      return this.finish(key.at);
    }
    const character = readKey(key);
    if (character === null) return false;
    if (this.text === "") this.first = key.at;
    this.text += character;
    this.last = key.at;
    if (!this.sendsSuffix) this.timer = setTimeout(() => this.isScan() && this.finish(key.at), SILENCE);
    return this.text.length > 1;
  }

  private isScan(): boolean {
    const { length } = this.text;
    return length >= SHORTEST && (this.last - this.first) / (length - 1) <= FAST;
  }

  private finish(at: number): boolean {
    const text = this.text;
    const isWritten = this.isInField && !this.isScan();
    this.text = "";
    if (text.length < 2 || isWritten) return false;
    this.ended = at;
    this.onScan(text);
    return true;
  }
}

/**
 * Listens on the whole page. A field in which a person types is left alone: only the end of a scan that went there by
 * mistake is taken, or it would send the form. `field` is that field; one that waits for a code has `data-scan`.
 */
export function listen(target: Document, onScan: (text: string, field: HTMLInputElement | null) => void): void {
  const wedge = new Wedge((text) => onScan(text, null));
  let field: HTMLInputElement | null = null;
  const strayed = new Wedge((text) => onScan(text, field), true);
  target.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isField = isTyping(event.target);
      if (isField && !(event.target instanceof HTMLInputElement && event.target.dataset["scan"] === undefined)) return;
      if (isField) field = event.target as HTMLInputElement;
      const key = { key: event.key, code: event.code, shift: event.shiftKey, at: event.timeStamp };
      const isPart = isField ? strayed.take(key) && SUFFIXES.has(key.key) : wedge.take(key);
      if (isPart) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isTextField = target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type);
  return isTextField || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
