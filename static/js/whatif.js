/* Sliders beside the numbers of the what-if form. What moves is sent to the server, whose answer
   takes the place of the results; nothing is computed here. Without this file the form works. */
(() => {
  "use strict";
  const form = document.getElementById("weights");
  const results = document.getElementById("results");
  const said = document.getElementById("said");
  const PAUSE = 150;
  let timer = 0;
  let asked = null;

  function slider(input) {
    const made = document.createElement("input");
    const label = form.querySelector(`label[for="${input.id}"]`);
    made.type = "range";
    made.min = 0;
    made.max = input.name.startsWith("d.") ? 100 : 25;
    made.step = 0.25;
    made.value = input.value;
    made.setAttribute("aria-label", form.dataset.slider.replace("%(label)s", label.textContent.trim()));
    made.addEventListener("input", () => {
      input.value = made.value;
      later();
    });
    input.addEventListener("input", () => {
      made.value = input.value;
      later();
    });
    input.after(made);
  }

  /* Only what differs from the published weights stands in the address. */
  function query() {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const input = form.elements[name];
      if (value && value !== input.dataset?.published) found.append(name, value);
    }
    return found;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(renew, PAUSE);
  }

  async function renew() {
    asked?.abort();
    asked = new AbortController();
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${form.dataset.results}?${query()}`, { signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text());
    } catch (failure) {
      if (failure.name === "AbortError") return;
      said.textContent = form.dataset.failed;
    }
    form.removeAttribute("aria-busy");
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const opened = [...results.querySelectorAll("details")].map((details) => details.open);
    results.replaceChildren(...[...page.body.children].map((part) => document.adoptNode(part)));
    results.querySelectorAll("details").forEach((details, n) => (details.open = opened[n] ?? false));
    results.dispatchEvent(new CustomEvent("charts", { bubbles: true }));
    const found = results.querySelector("[data-said]");
    said.textContent = found.dataset.said;
    history.replaceState(history.state, "", found.dataset.address);
    for (const link of document.querySelectorAll("a[data-series]")) {
      const next = new URL(found.dataset.address, location.href);
      next.searchParams.set("series", link.dataset.series);
      link.href = next.href;
    }
  }

  form.querySelectorAll('input[type="number"]').forEach(slider);
})();
