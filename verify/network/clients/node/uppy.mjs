// Uppy with its tus plugin, without a browser: what it does of itself, and a person who presses "retry" a few times.

import { readFileSync } from "node:fs";

import Uppy from "@uppy/core";
import Tus from "@uppy/tus";

import { end, headers, memory, onAfterResponse, path, retryDelays, say, title, url } from "./report.mjs";

const uppy = new Uppy({ autoProceed: false });
const allowedMetaFields = ["title", "name", "type"];
uppy.use(Tus, { endpoint: `${url}/api/uploads`, headers, retryDelays, onAfterResponse, allowedMetaFields, ...memory });
const data = readFileSync(path); // outside a browser tus-js-client takes a Buffer, and Uppy wants its size
data.size = data.length;
uppy.addFile({ name: "clip.mp4", type: "video/mp4", data, meta: { title } });

let result = await uppy.upload();
for (let tries = 0; tries < 3 && result.failed.length; tries++) {
  say({ failure: String(result.failed[0].error).slice(0, 300) });
  result = await uppy.retryAll();
}
const [failed] = result.failed;
end(failed ? (uppy.getFile(failed.id)?.error ?? new Error("failed")) : undefined);
