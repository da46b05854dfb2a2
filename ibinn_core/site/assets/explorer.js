// The frame of the site: what all pictures share. Each picture is a view with `make(root)`, which builds its elements
// once, and `draw(state)`, which is called whenever something has changed.

const Explorer = (() => {
  const families = new Map();
  const views = [];
  const state = { view: null, family: null, gamma: 1, place: { low: 0, high: 0, share: 0 }, image: 0, pair: 0, angle: 0, only: null, lesson: 0, hide: null };
  const $ = (selector) => document.querySelector(selector);
  const COLORS = ["#3f90da", "#ffa90e", "#c41f05", "#206f66", "#813ece", "#a6664d", "#e76300", "#b9ac70", "#743efa", "#92dadd"];

  const TYPES = { u1: Uint8Array, i2: Int16Array, f4: Float32Array };
  function decode(text, type) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TYPES[type](bytes.buffer);
  }

  /** Called by the script of each family. */
  function add(values) {
    const family = {
      ...values,
      count: values.labels.length,
      cloud: { labels: decode(values.cloud.labels, "u1"), points: decode(values.cloud.points, "i2") },
      means: decode(values.means, "i2"),
      centers: decode(values.centers, "i2"),
      likelihoods: decode(values.likelihoods, "f4"),
      bits: decode(values.bits, "f4"),
      posterior: decode(values.posterior, "u1"),
      path: decode(values.path, "i2"),
      pictures: {},
    };
    families.set(values.name, family);
  }

  /** A picture of a family, loaded when it is first asked for; the view is drawn again when it is there. */
  function picture(family, name) {
    const image = (family.pictures[name] ??= new Image());
    if (!image.src) {
      image.onload = draw;
      image.src = `data/${family.name}/${name}.webp`;
    }
    return image.complete && image.naturalWidth ? image : null;
  }

  /** `size` numbers of an array of places, from `offset` in each, between the two places of the slider. */
  function between(array, length, offset, size) {
    const { low, high, share } = state.place;
    const out = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      out[i] = (1 - share) * array[low * length + offset + i] + share * array[high * length + offset + i];
    }
    return out;
  }

  /** The measured place that is nearest: images cannot be interpolated. */
  const nearest = () => (state.place.share < 0.5 ? state.place.low : state.place.high);

  const short = (gamma) => (gamma === "inf" ? "∞" : String(Number(Number(gamma).toPrecision(4))));
  const color = (label, count) => (count <= COLORS.length ? COLORS[label] : `hsl(${(360 * label) / count} 65% 50%)`);

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  /** The context of a canvas that is as sharp as the screen; x and y in CSS pixels. */
  function context(canvas) {
    const box = canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    pen.imageSmoothingEnabled = false;
    return { pen, width: box.width, height: box.height };
  }

  const style = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const font = (weight = 400, factor = 1) =>
    `${weight} ${factor * parseFloat(getComputedStyle(document.body).fontSize)}px ${getComputedStyle(document.body).fontFamily}`;

  /** Tile (row, column) of a picture, drawn into a rectangle. */
  function tile(pen, image, family, row, column, x, y, size) {
    const [height, width] = family.side;
    if (image) pen.drawImage(image, column * width, row * height, width, height, x, y, size, (size * height) / width);
  }

  /** The embedded images as buttons; the chosen one is pressed. */
  function strip(root) {
    const box = element("div", { class: "strip", role: "group", "aria-label": "Image" });
    root.append(box);
    let shown = null;
    return () => {
      const family = state.family;
      if (shown !== family) {
        shown = family;
        box.replaceChildren(
          ...family.labels.map((label, index) => {
            const canvas = element("canvas", { width: family.side[1], height: family.side[0] });
            const name = family.classes[label];
            return element(
              "button",
              { type: "button", title: name, "aria-label": `image ${index + 1}: ${name}`, onclick: () => set({ image: index }) },
              canvas,
            );
          }),
        );
      }
      const image = picture(family, "images");
      [...box.children].forEach((button, index) => {
        button.setAttribute("aria-pressed", index === state.image);
        const pen = button.firstChild.getContext("2d");
        tile(pen, image, family, 0, index, 0, 0, family.side[1]);
      });
    };
  }

  /** The classes as buttons in their colours: a click shows one of them alone. */
  function legend(root) {
    const box = element("div", { class: "legend", role: "group", "aria-label": "Classes" });
    root.append(box);
    return () => {
      const family = state.family;
      box.replaceChildren(
        ...family.classes.map((name, label) => {
          const square = element("i", { style: `background:${color(label, family.classes.length)}`, "aria-hidden": "true" });
          return element(
            "button",
            {
              type: "button",
              "aria-pressed": state.only === label,
              onclick: () => set({ only: state.only === label ? null : label }),
            },
            square,
            name,
          );
        }),
      );
    };
  }

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    state.family = families.get(asked.get("data")) ?? families.values().next().value;
    state.view = views.find((view) => view.id === asked.get("view")) ?? views[0];
    const gamma = asked.get("gamma");
    if (gamma === "inf" || (gamma !== null && Number(gamma) >= 0)) state.gamma = gamma === "inf" ? Infinity : Number(gamma);
    for (const [key, limit] of [["image", state.family.count], ["pair", state.family.pairs.length], ["angle", state.family.angles], ["lesson", 6]]) {
      const value = Number(asked.get(key));
      state[key] = Number.isInteger(value) && value >= 0 && value < limit ? value : 0;
    }
  }

  function writeAddress() {
    const gamma = state.gamma === Infinity ? "inf" : Number(state.gamma.toPrecision(4));
    const parts = new URLSearchParams({ view: state.view.id, gamma });
    if (families.size > 1) parts.set("data", state.family.name);
    for (const key of state.view.id === "lessons" ? ["lesson"] : ["image", "pair", "angle"]) if (state[key]) parts.set(key, state[key]);
    history.replaceState(null, "", `#${parts}`);
  }

  let waiting = false;
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      state.view.draw(state);
    });
  }

  /** Changes the state, and with it the picture and the address. */
  function set(changes) {
    const [view, family] = [state.view, state.family];
    Object.assign(state, changes);
    if (state.view.id !== "lessons") state.hide = null;
    if (state.family !== family) {
      Object.assign(state, { image: 0, pair: 0, angle: 0, only: null });
      showSlider();
    }
    if (state.view !== view || state.family !== family) showView();
    writeAddress();
    draw();
  }

  function showView() {
    for (const tab of $("#tabs").children) tab.setAttribute("aria-current", tab.dataset.view === state.view.id ? "page" : "false");
    const root = element("section", { id: state.view.id, "aria-label": state.view.title });
    $("#view").replaceChildren(root);
    state.view.make(root);
  }

  function showSlider() {
    const family = state.family;
    const host = element("div");
    const shadow = host.attachShadow({ mode: "open" });
    const styles = ["range.css", "gamma_slider.css"].map((href) => element("link", { rel: "stylesheet", href }));
    shadow.append(...styles, $("#gamma-slider").content.cloneNode(true));
    $("#slider").replaceChildren(host);
    const gammas = family.ticks.map((tick) => (tick.gamma === "inf" ? Infinity : tick.gamma));
    const gamma = Math.min(gammas.at(-1), Math.max(gammas[0], state.gamma));
    shadow.addEventListener("gamma", (event) => {
      Object.assign(state, event.detail);
      draw();
    });
    shadow.addEventListener("change", writeAddress);
    Explorer.gammaSlider({
      data: { gamma: gamma === Infinity ? "inf" : gamma, ticks: family.ticks, mixes: family.mixes, places: family.places },
      parentElement: shadow,
      setTriggerValue: writeAddress,
    });
  }

  /** Moves the slider to γ. */
  function move(gamma) {
    state.gamma = gamma;
    showSlider();
  }

  function toggleStage() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  }

  function start() {
    if (!families.size) {
      $("#view").append(element("p", {}, "No family of models lies beside this page: copy the whole folder of the site."));
      return;
    }
    readAddress();
    $("#tabs").append(
      ...views.map((view) =>
        element("a", { href: `#view=${view.id}`, "data-view": view.id, onclick: (event) => (event.preventDefault(), set({ view })) }, view.title),
      ),
    );
    const select = $("#families select");
    select.append(...[...families.values()].map((family) => element("option", { value: family.name }, family.title)));
    select.value = state.family.name;
    select.onchange = () => set({ family: families.get(select.value) });
    $("#families").hidden = families.size < 2;
    $("#stage").onclick = toggleStage;
    document.addEventListener("fullscreenchange", () => {
      const on = Boolean(document.fullscreenElement);
      document.body.classList.toggle("stage", on);
      $("#stage").setAttribute("aria-pressed", on);
      draw();
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
      if (event.key === "f" || event.key === "F") toggleStage();
      state.view.key?.(event);
    });
    window.addEventListener("resize", draw);
    window.addEventListener("hashchange", () => {
      const [view, family] = [state.view, state.family];
      readAddress();
      select.value = state.family.name;
      showSlider();
      if (state.view !== view || state.family !== family) showView();
      draw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    showView();
    showSlider();
    draw();
  }

  return { add, views, start, set, move, state, element, context, style, font, tile, picture, between, nearest, short, color, strip, legend };
})();
