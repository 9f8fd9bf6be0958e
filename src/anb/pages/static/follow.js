// Follow an edit: the server sends each change. If it cannot, the page asks every few seconds.

import { asJson } from "./site.js";

const FIRST_WAIT = 5000; // milliseconds between two requests, doubled while there is no answer
const LONGEST_WAIT = 60000;
const AGAIN = 60000; // milliseconds until a refused stream is tried again

/** Follow a job: show each state, tell whether an answer came, and say at last that it is over. */
export function follow(address, { show, tell = () => {}, over }) {
  const leaving = new AbortController();
  let stream = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let refusedAt = -AGAIN;

  const stop = () => {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  };
  const end = () => {
    stop();
    leaving.abort();
    over();
  };
  const start = () => {
    stop();
    if (window.EventSource && performance.now() - refusedAt >= AGAIN) listen();
    else ask();
  };

  function listen() {
    stream = new EventSource(`${address}/events`);
    stream.addEventListener("job", (event) => {
      tell(true);
      wait = FIRST_WAIT;
      show(JSON.parse(event.data));
    });
    stream.addEventListener("end", end);
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) {
        tell(false); // the browser reconnects on its own
        return;
      }
      refusedAt = performance.now(); // too many people follow, or the edit has ended: the next answer says which
      stop();
      ask();
    });
  }

  async function ask() {
    const job = await look(address);
    if (document.hidden || leaving.signal.aborted) return;
    if (job && !["queued", "running"].includes(job.state)) return end();
    if (job) show(job);
    tell(Boolean(job));
    wait = job ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
    timer = setTimeout(start, wait * (0.8 + 0.4 * Math.random()));
  }

  // A hidden page closes its stream.
  const { signal } = leaving;
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()), { signal });
  addEventListener("pagehide", stop, { signal });
  start();
}

/** Return the state of the job, an empty object if it cannot be seen, null without an answer. */
async function look(address) {
  try {
    const answer = await fetch(address, asJson);
    if (answer.status === 429 || answer.status >= 500) return null;
    return answer.ok ? await answer.json() : {};
  } catch {
    return null;
  }
}
