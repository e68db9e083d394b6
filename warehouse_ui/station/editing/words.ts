/// Words in two languages: what the lists are made of.

/** Texts of the Japanese list, as any text. */
export type Loose<T> = T extends string ? string : T extends readonly unknown[] ? { [K in keyof T]: Loose<T[K]> } : { readonly [K in keyof T]: Loose<T[K]> };

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
