/* A field that adds a system offers names while somebody types, in the browser's own list.
   Without this file the server finds what was typed. */
(() => {
  "use strict";
  let timer = 0;
  let asked = null;

  function option({ name, detail }) {
    const made = document.createElement("option");
    made.value = name;
    made.label = detail;
    return made;
  }

  async function ask(form, input) {
    const words = input.value.trim();
    asked?.abort();
    if (!words) return;
    asked = new AbortController();
    const query = new URLSearchParams({ q: words, kind: "system" });
    for (const name of ["as_of", "release"]) {
      const value = form.elements[name]?.value;
      if (value) query.set(name, value);
    }
    try {
      const answer = await fetch(`${form.dataset.systems}?${query}`, { signal: asked.signal });
      if (answer.ok) input.list.replaceChildren(...(await answer.json()).results.map(option));
    } catch {
      // Another letter was typed, or there is no network: the server answers the form.
    }
  }

  // Charts put forms into the page later: they are met here too.
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-systems]");
    if (!form || !target.list) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 120, form, target);
  });
})();
