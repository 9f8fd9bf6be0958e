// The page of an edit shows its live state, and loads again once it is over.

import { follow } from "./follow.js";
import { clock, fill, find, percent } from "./site.js";

const place = find("[data-live]");
if (place?.dataset.live) {
  const said = find("[data-say]", place);
  follow(place.dataset.live, {
    show: (job) => show(place, job),
    tell(isAnswered) { said.textContent = isAnswered ? "" : place.dataset.lost; },
    over: () => location.reload(), // it now shows the result
  });
}

function show(place, job) {
  const steps = ["received", "queued", "editing", "published"];
  const reached = steps.indexOf(job.state === "queued" ? "queued" : "editing");
  for (const step of place.querySelectorAll("[data-step]")) {
    const at = steps.indexOf(step.dataset.step);
    step.setAttribute("class", at < reached ? "done" : at > reached ? "next" : "now");
    if (step.matches("li") && at === reached) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  find("[data-next-try]", place).textContent = job.next_try_at ? fill(place.dataset.again, {
    time: clock.format(new Date(job.next_try_at)), attempt: job.attempt + 1,
  }) : "";
  find("[data-percent]", place).textContent = reached === 2 ? percent.format(job.progress / 100) : "";
  find("progress", place).value = job.progress;
}
