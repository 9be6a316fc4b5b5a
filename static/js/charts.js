/* The server draws every chart as a picture. On the first pointer, focus or tap this fetches the
   chart's JSON twin and Plotly, and puts the live chart in the same box. Without it, or if any of
   it fails, the picture and the table stay. The links that change a chart's state work without
   this too; with it they change the chart in place, and the page's address with it. */
(() => {
  "use strict";

  const dark = matchMedia("(prefers-color-scheme: dark)");
  // Plotly's bundled map looks for this id and adds an inline style element when it is missing,
  // which the content security policy refuses. No map is drawn here.
  const MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
  let library;

  function element(name, attributes) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function loaded(made) {
    return new Promise((done, failed) => {
      made.onload = done;
      made.onerror = failed;
      document.head.append(made);
    });
  }

  function plotly(data) {
    library ??= (async () => {
      if (!document.getElementById(MAP_STYLE)) document.head.append(element("meta", { id: MAP_STYLE }));
      await loaded(
        element("link", { rel: "stylesheet", id: "plotly.js-style-global", href: data.hooks }),
      );
      await loaded(element("script", { src: data.plotly }));
      return window.Plotly;
    })();
    library.catch(() => (library = undefined));
    return library;
  }

  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.box = figure.querySelector(".chart-box");
      this.note = figure.querySelector(".state");
      this.at = -1;
      this.box.tabIndex = 0;
      this.box.setAttribute("role", "group");
      this.box.setAttribute("aria-label", figure.dataset.label);
      for (const event of ["pointerenter", "pointerdown", "focus"]) {
        this.box.addEventListener(event, () => this.wake());
      }
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.watch = new ResizeObserver(() => this.resized());
      this.watch.observe(this.box);
      this.themed = () => this.sleep();
      dark.addEventListener("change", this.themed);
      figure.querySelectorAll("button[data-act]").forEach((button) => {
        const act = button.dataset.act;
        button.hidden = act === "reset" || (act === "fullscreen" && !document.fullscreenEnabled);
        button.addEventListener("click", () => this[act](button));
      });
      figure.querySelectorAll("a[data-control]").forEach((link) => {
        link.addEventListener("click", (event) => this.follow(event, link));
      });
      figure.querySelector("form[data-query]")?.addEventListener("submit", (event) => this.add(event));
      figure.querySelectorAll("textarea[data-copy]").forEach((text) => {
        text.addEventListener("focus", () => text.select());
      });
    }

    say(words) {
      if (this.note) this.note.textContent = words;
    }

    get theme() {
      return document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
    }

    wake() {
      this.waking ??= this.draw().catch(() => {
        this.waking = undefined;
        this.say(this.figure.dataset.failed);
      });
      return this.waking;
    }

    async draw() {
      const { width, height } = this.box.getBoundingClientRect();
      const twin = new URL(this.figure.dataset.json, location.href);
      const size = { w: Math.round(width), h: Math.round(height), theme: this.theme };
      for (const [key, value] of Object.entries(size)) twin.searchParams.set(key, value);
      const [library, answer] = await Promise.all([
        plotly(this.figure.dataset),
        fetch(twin).then((got) => (got.ok ? got.json() : Promise.reject(got))),
      ]);
      if (!this.figure.isConnected) return;
      if (Math.abs(this.box.getBoundingClientRect().width - width) > 1) return this.sleep();
      this.box.style.height = `${height}px`;
      const live = element("div", { class: "chart-live" });
      this.box.append(live);
      await library.newPlot(
        live,
        answer.data,
        { ...answer.layout, width, height },
        { displayModeBar: false, doubleClick: "reset", scrollZoom: false },
      );
      this.box.querySelectorAll(":scope > svg").forEach((svg) => svg.setAttribute("hidden", ""));
      this.live = live;
      this.width = width;
      live.on("plotly_relayout", () => this.offerReset(true));
      this.points = this.walk(answer.data);
      this.say("");
    }

    sleep() {
      this.box.querySelectorAll(":scope > svg").forEach((svg) => svg.removeAttribute("hidden"));
      if (this.live) window.Plotly.purge(this.live);
      this.box.querySelectorAll(".chart-live").forEach((live) => live.remove());
      this.live = this.waking = undefined;
      this.at = -1;
      this.box.style.height = "";
      this.offerReset(false);
    }

    resized() {
      if (this.live && Math.abs(this.box.getBoundingClientRect().width - this.width) > 1) this.sleep();
    }

    offerReset(shown) {
      const button = this.figure.querySelector('button[data-act="reset"]');
      if (button) button.hidden = !shown;
    }

    /* Every mark that has something to say, from left to right. */
    walk(data) {
      const found = [];
      data.forEach((trace, curveNumber) => {
        (trace.hovertext ?? []).forEach((words, pointNumber) => {
          const place = (trace.xaxis ?? "x") + (trace.yaxis ?? "y");
          found.push({ words, place, x: trace.x[pointNumber], at: { curveNumber, pointNumber } });
        });
      });
      return found.sort((a, b) => (a.x < b.x ? -1 : a.x > b.x ? 1 : 0));
    }

    async key(event) {
      if (event.target !== this.box) return;
      if (event.key === "Escape" && this.live) {
        this.sleep();
        this.say("");
        return;
      }
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      await this.wake();
      if (!this.live || !this.points.length) return;
      this.at = Math.min(Math.max(this.at + step, 0), this.points.length - 1);
      const point = this.points[this.at];
      window.Plotly.Fx.hover(this.live, [point.at], point.place);
      this.say(point.words.replaceAll("<br>", ", "));
    }

    reset() {
      this.sleep();
      this.wake();
    }

    fullscreen() {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.figure.requestFullscreen().catch(() => {});
    }

    async copy(button) {
      const text = button.parentElement.querySelectorAll("textarea")[this.place(button)];
      text.select();
      try {
        await navigator.clipboard.writeText(text.value);
        this.say(this.figure.dataset.copied);
      } catch {
        this.say(this.figure.dataset.uncopied);
      }
    }

    /* Which of the texts of its group a button belongs to. */
    place(button) {
      return [...button.parentElement.querySelectorAll('button[data-act="copy"]')].indexOf(button);
    }

    follow(event, link) {
      if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const { control, value } = link.dataset;
      this.change(link.href, `a[data-control="${control}"][data-value="${value}"]`);
    }

    /* The server understands the name; the address then has what it stands for. */
    add(event) {
      event.preventDefault();
      const asked = new URLSearchParams(new FormData(event.target));
      this.change(`${location.pathname}?${asked}`, "form[data-query] input[name=add]");
    }

    async change(address, at) {
      this.figure.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const form = this.give(page, at).querySelector("form[data-query]");
        const settled = form && !form.elements.add.value ? form.dataset.query : address;
        history.replaceState(history.state, "", settled === "?" ? location.pathname : settled);
        keep(location.search);
      } catch {
        this.say(this.figure.dataset.unswapped);
        location.assign(address);
      }
    }

    /* Puts the chart of the other state in this one's place, and what the page says about it. */
    give(page, at) {
      const chosen = `figure[data-chart="${this.figure.dataset.chart}"]`;
      const among = [...document.querySelectorAll(chosen)].indexOf(this.figure);
      const fresh = document.adoptNode(page.querySelectorAll(chosen)[among]);
      const open = [...this.figure.querySelectorAll("details")].map((details) => details.open);
      const awake = Boolean(this.waking);
      this.watch.disconnect();
      dark.removeEventListener("change", this.themed);
      if (this.live) window.Plotly.purge(this.live);
      this.figure.replaceWith(fresh);
      fresh.querySelectorAll("details").forEach((details, index) => (details.open = open[index]));
      document.querySelectorAll("[data-follows][id]").forEach((old) => {
        const next = page.getElementById(old.id);
        if (!next) return old.remove();
        old.replaceWith(document.adoptNode(next));
        start(next);
      });
      const made = new Chart(fresh);
      // A link that was followed may be gone: the nearest thing of its kind takes its place.
      (fresh.querySelector(at) ?? fresh.querySelector(".picks a"))?.focus();
      made.say(fresh.querySelector("figcaption > :first-child").textContent);
      if (awake) made.wake();
      return fresh;
    }
  }

  /* Links elsewhere on the page that keep the state of its charts: languages, for one. */
  function keep(search) {
    document.querySelectorAll("a[data-keeps-state]").forEach((link) => {
      link.setAttribute("href", new URL(link.href).pathname + search);
    });
  }

  function start(part) {
    part.querySelectorAll("figure[data-json]").forEach((figure) => new Chart(figure));
  }

  start(document);
  // A part of the page that another script has put in place.
  document.addEventListener("charts", (event) => start(event.target));
})();
