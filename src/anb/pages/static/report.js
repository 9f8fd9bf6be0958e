// What a person sees of a clip that is being sent. The bar shows the bytes that the server has acknowledged, not those
// that were handed to the system.

import { Pace } from "./pace.js";
import { fill, find, percent } from "./site.js";

/** Show a clip that is about to be sent in `place`; returns what shows the events of its `Sending`. */
export function showing(place, title, size, words) {
  const pace = new Pace(words);
  const state = find("[data-state]", place);
  let arrived = [0, 0];
  const count = () => { find("[data-amount]", place).textContent = pace.say(...arrived); };

  function show({ kind, sent, total, found, status, seconds, detail }) {
    const isWaiting = kind === "waiting";
    find("[data-enter]", place).hidden = status !== 401;
    place.classList.toggle("waiting", isWaiting);
    if (isWaiting) {
      pace.rest();
      count();
      state.textContent = waits(words, status, seconds, detail);
    } else if (kind === "handed") {
      state.textContent = words.checking;
    } else {
      if (found) pace.rest();
      pace.note(sent);
      arrived = [sent, total];
      state.textContent = "";
      find("[data-percent]", place).textContent = percent.format(sent / total);
      count();
      find("progress", place).value = (100 * sent) / total;
    }
  }

  find("[data-what]", place).textContent = title;
  show({ kind: "sent", sent: 0, total: size });
  return show;
}

function waits(words, status, seconds, detail) {
  if (status === 0) return words.no_signal;
  if (status === 401) return words.signed_out;
  return fill(words.waits, { why: detail ?? words.busy, seconds: Math.round(seconds) });
}
