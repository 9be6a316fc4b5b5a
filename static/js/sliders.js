/* Sliders beside the numbers of a form, and the one request that follows a move. The page's own
   script says what is asked (`ask`) and shows what comes (`show`); nothing is computed here. */
window.withSliders = ({ form, numbers, most, ask, show, said, pause }) => {
  const sliders = new Map();
  let timer = 0;
  let asked = null;

  function put(input) {
    const made = document.createElement("input");
    const label = form.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    made.type = "range";
    made.min = 0;
    made.max = most(input);
    made.step = 0.25;
    made.value = input.value;
    made.setAttribute("aria-label", form.dataset.slider.replace("%(label)s", label.textContent.trim()));
    made.addEventListener("input", () => {
      input.value = made.value;
      later(input);
    });
    input.addEventListener("input", () => {
      made.value = input.value;
      later(input);
    });
    input.after(made);
    sliders.set(input, made);
  }

  function later(moved) {
    clearTimeout(timer);
    asked?.abort();
    timer = setTimeout(() => renew(moved), pause);
  }

  async function renew(moved) {
    asked?.abort();
    const mine = (asked = new AbortController());
    form.setAttribute("aria-busy", "true");
    try {
      const { address, ...rest } = ask(moved);
      const answer = await fetch(address, { ...rest, signal: mine.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text(), moved);
    } catch (failure) {
      if (failure.name === "AbortError") return;
      said.textContent = form.dataset.failed;
    }
    if (asked === mine) form.removeAttribute("aria-busy");
  }

  numbers.forEach(put);
  return { sliders, renew };
};

/* New parts in the place of old ones; what a reader had opened stays open. */
window.replaceKeepingOpen = (place, parts) => {
  const opened = [...place.querySelectorAll("details")].map((details) => details.open);
  place.replaceChildren(...parts);
  place.querySelectorAll("details").forEach((details, n) => (details.open = opened[n] ?? details.open));
};
