/// Keeps the bench's page and its files, so that a reload without a network opens it again. Data never passes here.

export {};

interface FetchTime extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerTime extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface MessageTime extends WorkerTime {
  readonly data: readonly string[];
}
interface Worker {
  addEventListener(name: "message", act: (event: MessageTime) => void): void;
  addEventListener(name: "fetch", act: (event: FetchTime) => void): void;
  addEventListener(name: "install" | "activate", act: (event: WorkerTime) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
const worker = self as unknown as Worker;
const SHELF = "soegaki-bench-1";
const PATIENCE = 3000;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && pathname.startsWith("/bench")) event.respondWith(askFirst(request));
  else if (pathname.startsWith("/static/") || pathname.startsWith("/files/")) event.respondWith(lookFirst(request));
});

/** The page that started the worker was loaded before it could see anything: it says what to keep. */
worker.addEventListener("message", (event) => event.waitUntil(keepAll(event.data)));

async function keepAll(addresses: readonly string[]): Promise<void> {
  const shelf = await caches.open(SHELF);
  for (const address of addresses) if (!(await shelf.match(address))) await tryToKeep(shelf, address);
}

/** A picture that cannot be had must not cost the page. */
async function tryToKeep(shelf: Cache, address: string): Promise<void> {
  try {
    await fetchAndKeep(shelf, new Request(address));
  } catch {
    // The next visit tries again.
  }
}

/** Files never change under their address. */
async function lookFirst(request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  return (await shelf.match(request)) ?? fetchAndKeep(shelf, request);
}

async function askFirst(request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  try {
    return await fetchAndKeep(shelf, request, AbortSignal.timeout(PATIENCE));
  } catch (failure) {
    const kept = await shelf.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw failure;
  }
}

async function fetchAndKeep(shelf: Cache, request: Request, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(request, signal ? { signal } : {});
  if (response.ok && !response.redirected) await shelf.put(request, response.clone());
  return response;
}
