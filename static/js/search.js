/* The search box: "/" goes to it, and what fits is offered while somebody types, in the manner of a
   combobox with a list (WAI-ARIA). Without this file the box is a plain form. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-suggest]");
  if (!form) return;
  const input = form.querySelector("input[type=search]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[role=status]");
  const pause = 120;
  let timer = 0;
  let asked = null;
  let active = -1;

  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }

  const options = () => [...list.children];

  function mark(place) {
    const all = options();
    active = all.length ? (place + all.length + 1) % (all.length + 1) : -1;
    if (active === all.length) active = -1;
    all.forEach((option, n) => option.setAttribute("aria-selected", String(n === active)));
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function option(result, n) {
    const item = document.createElement("li");
    item.id = `search-option-${n}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.url = result.url;
    const name = document.createElement("span");
    name.textContent = result.name;
    const detail = document.createElement("small");
    detail.textContent = result.detail;
    item.append(name, " ", detail);
    return item;
  }

  function show(results) {
    list.replaceChildren(...results.map(option));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    const { found, none } = form.dataset;
    status.textContent = results.length ? found.replace("{n}", String(results.length)) : none;
  }

  async function ask() {
    asked?.abort();
    const words = input.value.trim();
    if (!words) {
      close();
      status.textContent = "";
      return;
    }
    const mine = new AbortController();
    asked = mine;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${form.dataset.suggest}?${query}`, {
        signal: mine.signal,
        credentials: "omit",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results } = await answer.json();
      if (asked === mine && document.activeElement === input) show(results);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });

  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) ask();
      else if (event.key === "ArrowDown") mark(active + 1);
      else mark(active < 0 ? options().length - 1 : active - 1);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      location.assign(options()[active].dataset.url);
    }
  });

  // Before the focus leaves the input, so that the list is still there for the click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) location.assign(item.dataset.url);
  });
  input.addEventListener("blur", close);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (at && (at.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName))) return;
    const nav = input.closest("details");
    if (nav) nav.open = true;
    event.preventDefault();
    input.focus();
    input.select();
  });
})();
