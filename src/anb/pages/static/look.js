// Checks a file before it is sent: its size, its first bytes, and what this browser can tell of length and picture.
// The sentences are the server's; the server also judges close cases, and what cannot be told here.

import { fill, number } from "./site.js";

const SLACK = 0.3; // seconds; browsers measure a little differently
// The first bytes of MP4, MOV, WebM and Matroska; a test compares them with what the server opens.
const BOXES = ["ftyp", "moov", "mdat", "wide", "free", "skip"];
const EBML = "\x1a\x45\xdf\xa3";

/** Return what is wrong with a file's size or first bytes; "" if nothing is. */
export async function complaint(file, words) {
  if (!file) return words.no_file;
  if (file.size > words.most_bytes) {
    const megabytes = Math.ceil((file.size / 2 ** 20) * 10) / 10; // rounded up, so that it exceeds the limit
    return fill(words.too_many_bytes, { megabytes: number.format(megabytes) });
  }
  try {
    const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
    return BOXES.includes(head.slice(4, 8)) || head.startsWith(EBML) ? "" : words.not_a_video;
  } catch {
    return words.unreadable; // moved or deleted since it was chosen
  }
}

/** Return what is wrong with what a <video> shows of a file; "" if nothing is. */
export function complaintOf({ duration, videoWidth, videoHeight }, words) {
  if (!Number.isFinite(duration) || !videoWidth) return "";
  if (duration < words.least_seconds - SLACK) return fill(words.too_short, { seconds: number.format(duration) });
  if (duration > words.most_seconds + SLACK) return fill(words.too_long, { seconds: number.format(duration) });
  const size = { width: videoWidth, height: videoHeight };
  if (Math.min(videoWidth, videoHeight) < words.least_side) return fill(words.too_small, size);
  if (Math.max(videoWidth, videoHeight) > words.most_side) return fill(words.too_wide, size);
  return "";
}
