/* Sliders beside the numbers of the desk. What moves is sent to the server, which answers with the
   other numbers and the preview; nothing is computed here. Without this file the buttons do it. */
const form = document.getElementById("desk");
const results = document.getElementById("results");
const said = document.getElementById("said");
const numbers = [...form.querySelectorAll("input[data-weight]")];
const sliders = new Map();
const PAUSE = 120;
let timer = 0;
let asked = null;

function slider(input) {
  const made = document.createElement("input");
  const label = form.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  made.type = "range";
  made.min = 0;
  made.max = input.name.startsWith("branch:") ? 100 : 30;
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

function later(input) {
  clearTimeout(timer);
  asked?.abort();
  timer = setTimeout(() => renew(input), PAUSE);
}

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

async function renew(moved) {
  asked?.abort();
  const mine = (asked = new AbortController());
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: sent(moved), signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text(), moved);
  } catch (failure) {
    if (failure.name === "AbortError") return;
    said.textContent = form.dataset.failed;
  }
  if (asked === mine) form.removeAttribute("aria-busy");
}

function show(text, moved) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const part = page.querySelector("[data-fields]");
  results.replaceChildren(document.adoptNode(part));
  const fields = JSON.parse(part.dataset.fields);
  for (const input of numbers) {
    const value = fields[input.name];
    if (value === undefined) continue;
    if (input !== moved) input.value = value;
    if (input !== moved) sliders.get(input).value = value;
  }
  said.textContent = part.querySelector(".errornote")?.textContent ?? form.dataset.done;
}

numbers.forEach(slider);
document.getElementById("series").addEventListener("change", () => renew(null));
