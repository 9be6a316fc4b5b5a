/* The stewards' desk: the server answers a move with the other numbers and the preview. Without
   this file the buttons do it. */
(() => {
  "use strict";
  const form = document.getElementById("desk");
  const results = document.getElementById("results");
  const said = document.getElementById("said");
  const numbers = [...form.querySelectorAll("input[data-weight]")];

  /* The shares and locks only: reasons stay where they are. */
  function sent(moved) {
    const found = new FormData();
    for (const [name, value] of new FormData(form)) {
      const weight = name.endsWith("-share") || name.endsWith("-locked") || name.startsWith("branch:");
      if (weight || ["eval", "series", "csrfmiddlewaretoken"].includes(name)) found.append(name, value);
    }
    if (moved) found.append("moved", moved.name);
    return found;
  }

  function show(text, moved) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const part = page.querySelector("[data-fields]");
    window.replaceKeepingOpen(results, [document.adoptNode(part)]);
    const fields = JSON.parse(part.dataset.fields);
    for (const input of numbers) {
      const value = fields[input.name];
      if (value === undefined || input === moved) continue;
      input.value = value;
      sliders.get(input).value = value;
    }
    said.textContent = part.querySelector(".errornote")?.textContent ?? form.dataset.done;
  }

  const { sliders, renew } = window.withSliders({
    form,
    numbers,
    most: (input) => (input.name.startsWith("branch:") ? 100 : 30),
    ask: (moved) => ({ address: form.dataset.preview, method: "POST", body: sent(moved) }),
    show,
    said,
    pause: 120,
  });
  document.getElementById("series").addEventListener("change", () => renew(null));

  /* What was opened stays open when a button loads the page again, as long as the tab lives. */
  const kept = `desk ${location.pathname}`;
  const branches = [...form.querySelectorAll("details[id]")];
  const opened = (sessionStorage.getItem(kept) ?? "").split(" ");
  for (const branch of branches) {
    if (opened.includes(branch.id)) branch.open = true;
    branch.addEventListener("toggle", () => {
      const open = branches.filter((one) => one.open).map((one) => one.id);
      sessionStorage.setItem(kept, open.join(" "));
    });
  }
})();
