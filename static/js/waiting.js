/* Follows the making of an own basket's releases. It asks a small address every few seconds while
   the page is looked at; without this file the link on the page does the same. */
(() => {
  "use strict";
  const box = document.getElementById("waiting");
  const PAUSE = 4000;

  function tell(text, link) {
    const notice = document.createElement("div");
    const line = document.createElement("p");
    notice.className = "notice";
    line.textContent = `${text} `;
    if (link) {
      const again = document.createElement("a");
      again.href = location.href.split("#")[0];
      again.textContent = link;
      line.append(again);
    }
    notice.append(line);
    box.replaceChildren(notice);
  }

  async function ask() {
    if (document.hidden) {
      setTimeout(ask, PAUSE);
      return;
    }
    try {
      const answer = await fetch(box.dataset.address, { credentials: "omit" });
      if (answer.ok) {
        const coming = Number(answer.headers.get("X-Waiting"));
        if (!coming) {
          tell(box.dataset.done, box.dataset.link);
          return;
        }
        if (String(coming) !== box.dataset.coming) {
          box.dataset.coming = coming;
          tell(await answer.text(), box.dataset.link);
        }
      }
    } catch {
      // The site is away for a moment; it is asked again.
    }
    setTimeout(ask, PAUSE);
  }

  if (box) setTimeout(ask, PAUSE);
})();
