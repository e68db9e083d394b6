/// From scanned text to keys, as docs/verification.md says; core/codes.py and fulfillment/verification.py do the same.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const POLYNOMIAL = 0b100101;
const CODE_LENGTH = 13;
const GTIN_LENGTHS = new Set([8, 12, 13, 14]);

/** The scan as typed characters: half width, no symbology prefix, no control characters but GS (0x1D). */
export function cleanScan(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[ー‐-―−]/g, "-")
    .replace(/。/g, ".")
    .replace(/・/g, "/")
    .replace(/[\u0000-\u001c\u001e\u001f\u007f]/g, "")
    .trim()
    .replace(/^\][A-Za-z][0-9]/, "")
    .trim();
}

/** The keys under which the scanned thing may be known, best first. Empty when nothing was scanned. */
export function readKeys(text: string): string[] {
  const cleaned = cleanScan(text);
  if (cleaned === "") return [];
  const grouped = /^\d[\d\s-]*\d$/.test(cleaned) ? cleaned.replace(/[\s-]/g, "") : null;
  const keys = [
    readCodeInAddress(cleaned),
    readGtin(cleaned, grouped),
    /^[A-D](\d{6,})[A-D]$/i.exec(cleaned)?.[1],
    grouped === cleaned ? null : grouped,
    readBareCode(cleaned),
    cleaned.replace(/\u001d/g, "").replace(/\s+/g, " ").toUpperCase(),
  ];
  return [...new Set(keys.filter((key): key is string => Boolean(key)))];
}

function readCodeInAddress(text: string): string | null {
  const found = /(?:^|\/)c\/([0-9a-z]{13})(?:$|[?#/])/i.exec(text);
  return found?.[1] ? readBareCode(found[1]) : null;
}

function readBareCode(text: string): string | null {
  const code = text.replace(/[\s-]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  return isCode(code) ? code : null;
}

/** Whether the last character is the sum of digit × α^position over GF(32); tells wrong and swapped characters. */
export function isCode(code: string): boolean {
  if (code.length !== CODE_LENGTH) return false;
  let total = 0;
  for (const character of code.slice(0, -1)) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return false;
    total = double(total ^ value);
  }
  return ALPHABET[total] === code.at(-1);
}

function double(value: number): number {
  const doubled = value << 1;
  return doubled & 0b100000 ? doubled ^ POLYNOMIAL : doubled;
}

function readGtin(text: string, digits: string | null): string | null {
  const candidates = [
    /^http.*\/01\/(\d{8,14})(?:$|[?#/])/i.exec(text)?.[1],
    /^\(01\)(\d{14})/.exec(text)?.[1],
    /^01(\d{14})/.exec(text)?.[1],
    digits,
  ];
  const found = candidates.find((candidate) => candidate && isGtin(candidate));
  return found ? found.padStart(14, "0") : null;
}

/** GS1 General Specifications 7.9: from the right, weights 3 and 1 in turn. */
export function isGtin(digits: string): boolean {
  if (!GTIN_LENGTHS.has(digits.length)) return false;
  const body = [...digits.slice(0, -1)].reverse();
  const sum = body.reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}
