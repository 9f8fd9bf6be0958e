// Lets a reader verify the results of a season in the browser.

import { fill, find, number, percent, say } from "./site.js";

const place = find("[data-verify]");
if (place && globalThis.Worker) offer(place);

function offer({ dataset }) {
  const words = JSON.parse(find("[data-words]", place).textContent);
  const [button, bar, told] = [find("button", place), find("progress", place), find("[role=status]", place)];
  place.hidden = false;
  button.addEventListener("click", () => {
    const worker = new Worker(dataset.worker, { type: "module" });
    button.disabled = true;
    bar.hidden = false;
    bar.removeAttribute("value");
    say(told, words.begun, "");
    const end = (sentence, kind) => {
      worker.terminate();
      button.disabled = false;
      bar.hidden = true;
      say(told, sentence, kind);
    };
    worker.onmessage = ({ data }) => {
      if (data.read) {
        bar.value = data.read / data.size;
        bar.textContent = percent.format(data.read / data.size);
      } else if (data.checked) end(fill(words.right, spelled(data.checked)), "success");
      else if (data.differs) end(`${words.differs} ${fill(words[`differs_${data.differs}`], spelled(data.fields))}`, "danger");
      else end(data.unable === "signatures" ? words.unsigned : fill(words.unable, { what: data.unable }), "danger");
    };
    worker.onerror = (event) => end(fill(words.unable, { what: event.message ?? "" }), "danger");
    worker.postMessage({ results: new URL(dataset.verify, location).href, log: new URL(dataset.log, location).href });
  });
}

const spelled = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === "number" ? number.format(value) : String(value)]));
