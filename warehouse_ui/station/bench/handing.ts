/// Hands the scan that opened a wave on to the wave's own page, so that a slip need not be scanned twice.

const PLACE = "soegaki-handed-scan";

export const handOn = (text: string): void => sessionStorage.setItem(PLACE, text);

/** The scan, once: a reload does not scan again. */
export function takeHanded(): string | null {
  const text = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  return text;
}
