// The court of the upload page: clips are chosen, recorded or dropped there. Without a script, its file field is a
// browser's own.

import { find } from "./site.js";

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

/** Wire a court; `take` gets the files. A file that is dropped beside it counts, instead of replacing the page. */
export function open(place, take) {
  const [file, camera] = ["#video_file", "#camera"].map((one) => find(one, place));
  file.multiple = true;
  file.classList.add("hidden"); // its label is the button; the field keeps the focus and its name
  for (const part of place.querySelectorAll("[data-scripted]")) part.hidden = false;
  file.addEventListener("change", () => take([...file.files]));
  camera.addEventListener("change", () => {
    take([...camera.files]);
    camera.value = "";
  });

  const over = (is) => place.classList.toggle("over", is);
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(!place.inert);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(false);
    if (!place.inert) take([...event.dataTransfer.files]);
  });
  if (file.files.length) take([...file.files]); // the browser kept them over a reload
  return file;
}
