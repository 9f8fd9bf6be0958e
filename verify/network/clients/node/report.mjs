// What the matrix wants to hear: a line of JSON for each answer, and one for the end.

import { FileUrlStorage } from "tus-js-client";

export const say = (thing) => process.stdout.write(`${JSON.stringify(thing)}\n`);

export const [url, token, path, title, agent] = process.argv.slice(2);
export const headers = { Authorization: `Bearer ${token}`, "User-Agent": agent };
// Where addresses of uploads are kept from one run to the next, as browsers keep them; without it nowhere, as in Node.
const kept = process.env.ANB_TUS_MEMORY;
export const memory = kept ? { urlStorage: new FileUrlStorage(kept) } : {};
export const retryDelays = [0, 1000, 1000, 2000, 3000, 5000, 5000, 5000, 5000, 5000, 5000];

export function onAfterResponse(request, response) {
  const offset = response.getHeader("Upload-Offset");
  const status = response.getStatus();
  say({
    method: request.getMethod(),
    status,
    offset: offset === undefined || offset === null ? null : Number(offset),
    kind: response.getHeader("Content-Type") ?? "",
    detail: status >= 400 ? String(response.getBody() ?? "").slice(0, 300) : "",
  });
}

export function end(error) {
  const status = error?.originalResponse?.getStatus() ?? 0;
  if (error) say({ failure: String(error).slice(0, 300) });
  say({ outcome: error ? (status >= 400 ? "told" : "gave up") : "whole" });
  process.exit(0);
}
