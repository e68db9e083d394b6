/// Asking the server. A failure to reach it is an answer like any other.

/** What is being edited as the server keeps it: `version` counts saved drafts. */
export interface Draft<D> {
  readonly document: D;
  readonly version: number;
  readonly saved_by: string | null;
  readonly saved_at: string | null;
  readonly live_number: number | null;
  readonly is_changed: boolean;
}
export type Saved = Omit<Draft<unknown>, "document" | "saved_by">;
export type Answer<T, D = unknown> =
  | { kind: "ok"; value: T }
  | { kind: "overtaken"; value: Draft<D> }
  | { kind: "same" }
  | { kind: "unreachable" }
  | { kind: "signed_out" }
  | { kind: "refused"; text: string };

const PATIENCE = 20_000;

export class Asker {
  constructor(
    private readonly csrfToken: string,
    private readonly call: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  /** With a body it is posted as JSON, a form as it is. */
  async ask<T, D = unknown>(path: string, body?: unknown): Promise<Answer<T, D>> {
    const isForm = body instanceof FormData;
    const init: RequestInit = {
      headers: { Accept: "application/json", "X-CSRF-Token": this.csrfToken, ...(body && !isForm ? { "Content-Type": "application/json" } : {}) },
      signal: AbortSignal.timeout(PATIENCE),
      credentials: "same-origin",
      ...(body ? { method: "POST", body: isForm ? body : JSON.stringify(body) } : {}),
    };
    try {
      return await read<T, D>(await this.call(path, init));
    } catch {
      return { kind: "unreachable" };
    }
  }
}

async function read<T, D>(response: Response): Promise<Answer<T, D>> {
  if (response.status === 204) return { kind: "same" };
  if (response.ok) return { kind: "ok", value: (await response.json()) as T };
  if (response.status === 409) {
    const value = (await response.json()) as Draft<D>;
    if ("document" in value) return { kind: "overtaken", value };
  }
  if (response.status === 401 || response.status === 403) return { kind: "signed_out" };
  if (response.status >= 500 || response.status === 429) return { kind: "unreachable" };
  return { kind: "refused", text: await readReason(response) };
}

async function readReason(response: Response): Promise<string> {
  try {
    const found = (await response.json()) as { message?: string; error?: { message?: string } };
    return found.message ?? found.error?.message ?? "";
  } catch {
    return "";
  }
}
