/* The server draws every chart as a picture. On the first pointer, focus or tap this fetches the
   chart's JSON twin and Plotly, and puts the live chart in the same box. Without it, or if any of
   it fails, the picture and the table stay. */
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
      this.address = figure.dataset.json;
      this.at = -1;
      this.box.tabIndex = 0;
      this.box.setAttribute("role", "group");
      this.box.setAttribute("aria-label", figure.dataset.label);
      for (const event of ["pointerenter", "pointerdown", "focus"]) {
        this.box.addEventListener(event, () => this.wake());
      }
      this.box.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.resized()).observe(this.box);
      dark.addEventListener("change", () => this.sleep());
      figure.querySelectorAll("button[data-act]").forEach((button) => {
        button.hidden = button.dataset.act === "reset";
        button.addEventListener("click", () => this[button.dataset.act](button));
      });
    }

    say(words) {
      if (this.note) this.note.textContent = words;
    }

    get theme() {
      return dark.matches ? "dark" : "light";
    }

    twin(kind, more) {
      const address = new URL(this.address, location.href);
      address.pathname = address.pathname.replace(/\.json$/, `.${kind}`);
      for (const [key, value] of Object.entries(more)) address.searchParams.set(key, value);
      return address;
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
      const size = { w: Math.round(width), h: Math.round(height), theme: this.theme };
      const [library, answer] = await Promise.all([
        plotly(this.figure.dataset),
        fetch(this.twin("json", size)).then((got) => (got.ok ? got.json() : Promise.reject(got))),
      ]);
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
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.target !== this.box) return;
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

    async png() {
      const got = await fetch(this.twin("svg", { theme: this.theme }));
      const source = URL.createObjectURL(await got.blob());
      const picture = new Image();
      picture.src = source;
      await picture.decode();
      const canvas = element("canvas", { width: picture.width * 2, height: picture.height * 2 });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(source);
      canvas.toBlob((blob) => {
        const link = element("a", { href: URL.createObjectURL(blob), download: this.figure.dataset.file });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      });
    }
  }

  document.querySelectorAll("figure[data-json]").forEach((figure) => new Chart(figure));
})();
