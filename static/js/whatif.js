/* The what-if form: the server's answer to a move takes the place of the results. Without this file
   the form works. */
(() => {
  "use strict";
  const form = document.getElementById("weights");
  const results = document.getElementById("results");
  const said = document.getElementById("said");

  /* Only what differs from the published weights stands in the address. */
  function query() {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const input = form.elements[name];
      if (value && value !== input.dataset?.published) found.append(name, value);
    }
    return found;
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    window.replaceKeepingOpen(results, [...page.body.children].map((part) => document.adoptNode(part)));
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

  window.withSliders({
    form,
    numbers: [...form.querySelectorAll('input[type="number"]')],
    most: (input) => (input.name.startsWith("d.") ? 100 : 25),
    ask: () => ({ address: `${form.dataset.results}?${query()}` }),
    show,
    said,
    pause: 150,
  });
})();
