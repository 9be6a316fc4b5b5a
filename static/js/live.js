/* Parts of a page that change by themselves: an element with data-live (milliseconds) and an id is
   fetched again with its page and replaced, until it comes without data-live. */
(() => {
  "use strict";
  const pause = (element) => Math.max(1000, Number(element.dataset.live) || 2000);

  async function renew(element) {
    if (document.hidden) {
      schedule(element);
      return;
    }
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(element.id);
      if (!fresh) return;
      const next = document.adoptNode(fresh);
      const held = element.contains(document.activeElement) ? document.activeElement.id : "";
      element.replaceWith(next);
      if (held) document.getElementById(held)?.focus();
      schedule(next);
    } catch {
      schedule(element);
    }
  }

  function schedule(element) {
    if ("live" in element.dataset) setTimeout(renew, pause(element), element);
  }

  document.querySelectorAll("[data-live][id]").forEach(schedule);
})();
