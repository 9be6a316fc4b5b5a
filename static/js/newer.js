/* Says that a newer release than the one shown has appeared. It asks a small address once a minute,
   only while the page is looked at, and never reloads anything by itself. */
(() => {
  "use strict";
  const note = document.getElementById("newer");
  if (!note) return;
  const PAUSE = 60_000;
  let known = Number(note.dataset.number) || 0;
  let asked = Date.now();
  let timer = 0;

  function tell(number) {
    const link = document.createElement("a");
    link.href = location.href.split("#")[0];
    link.textContent = note.dataset.link;
    note.replaceChildren(note.dataset.text.replace("{number}", number), " ", link);
  }

  async function ask() {
    asked = Date.now();
    try {
      const answer = await fetch(note.dataset.address, { credentials: "omit" });
      const { release } = answer.ok ? await answer.json() : {};
      if (known && release > known) {
        tell(release);
        return;
      }
      known = release || known;
    } catch {
      // The site is away for a moment; the next question comes in a minute.
    }
    wait();
  }

  function wait() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, Math.max(0, asked + PAUSE - Date.now()));
  }

  document.addEventListener("visibilitychange", () => {
    if (!note.childElementCount) wait();
  });
  if (known) wait();
  else ask();
})();
