// The queue by keyboard, while a clip has the focus: j and k move, a approves, r opens the other acts, x selects.

const clips = [...document.querySelectorAll("[data-clip]")];

/** Press what a key stands for in a clip. */
function press(clip, key) {
  const found = clip.querySelector(`[data-key="${key}"]`);
  if (!found) return false;
  found.click();
  if (key === "r") clip.querySelector("details select")?.focus();
  return true;
}

document.querySelector("[data-queue]")?.addEventListener("keydown", (event) => {
  const clip = event.target.closest("[data-clip]");
  if (!clip || event.target.matches("select, textarea, video") || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step ? clips[clips.indexOf(clip) + step]?.focus() ?? true : press(clip, event.key)) event.preventDefault();
});

// The next clip after an act: the page was loaded anew.
clips[0]?.focus({ preventScroll: true });
