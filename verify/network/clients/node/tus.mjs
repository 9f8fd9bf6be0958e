// tus-js-client as its documentation shows it: one upload, its own retries.

import { createReadStream, statSync } from "node:fs";

import { Upload } from "tus-js-client";

import { end, headers, memory, onAfterResponse, path, retryDelays, title, url } from "./report.mjs";

const upload = new Upload(createReadStream(path), {
  endpoint: `${url}/api/uploads`,
  uploadSize: statSync(path).size,
  metadata: { title, filename: "clip.mp4", filetype: "video/mp4" },
  headers,
  retryDelays,
  onAfterResponse,
  onSuccess: () => end(),
  onError: end,
  ...memory,
});
const [before] = await upload.findPreviousUploads();
if (before) upload.resumeFromPreviousUpload(before);
upload.start();
