// Where a person has zoomed in a figure of dots, which stays in the URL and outlives what the page draws anew; and the
// arrow keys, which go from dot to dot.

const WAIT = 400; // ms after which a zoom, or a dot, that stays goes to the program
const HINT = "The arrow keys go from dot to dot.";
const AWAY = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The pairs of axes of a figure, by the ends of their names: "" of the first one, "2", ... */
function pairsOf(plot) {
  return plot._fullLayout._subplots.cartesian.map((id) => id.slice(1).split("y")[0]);
}

/** What each pair shows: the ends of the horizontal and of the vertical axis. */
function rangesOf(plot) {
  const layout = plot._fullLayout;
  return pairsOf(plot).map((end) => [...layout[`xaxis${end}`].range, ...layout[`yaxis${end}`].range]);
}

const toText = (ranges) => ranges.flat().map((end) => Number(end.toPrecision(4))).join("_");

export default function ({ data, parentElement, setTriggerValue }) {
  const dots = parentElement.querySelector("[data-dots]");
  const said = parentElement.querySelector("[data-said]");
  const memory = (dots.memory ??= {});
  memory.forget?.();
  dots.setAttribute("aria-label", `Dots of the figure. ${HINT}`);
  if (!said.textContent) said.textContent = HINT;

  // Zoom -------------------------------------------------------------------------------------------------

  const zoomTo = (plot, text) => {
    const ends = text.split("_").map(Number);
    const pairs = pairsOf(plot);
    if (ends.length !== 4 * pairs.length) return;
    const ranges = {};
    pairs.forEach((end, index) => {
      ranges[`xaxis${end}.range`] = ends.slice(4 * index, 4 * index + 2);
      ranges[`yaxis${end}.range`] = ends.slice(4 * index + 2, 4 * index + 4);
    });
    memory.applied = JSON.stringify(ranges);
    call(plot, "relayout", [ranges]);
  };
  const zoomed = (change) => {
    if (JSON.stringify(change) === memory.applied) return;
    if (!Object.keys(change).some((name) => /^[xy]axis\d*\.(range|autorange)/.test(name))) return;
    clearTimeout(memory.waiting);
    memory.waiting = setTimeout(() => {
      const text = toText(rangesOf(memory.plot));
      const next = text === memory.home ? "" : text;
      if (next === memory.zoom) return;
      memory.zoom = next;
      memory.told.push(next);
      keepInUrl("zoom", next);
      setTriggerValue("zoom", next || "none");
    }, WAIT);
  };

  // Dots -------------------------------------------------------------------------------------------------

  /** All dots of the first pair of axes that are seen: where they are on the screen, their rows and texts. */
  const seen = () => {
    const { xaxis, yaxis } = memory.plot._fullLayout;
    const found = [];
    for (const trace of memory.plot._fullData) {
      if (trace.visible !== true || trace.xaxis !== "x" || !trace.customdata) continue;
      for (let index = 0; index < trace.x.length; index += 1) {
        const [x, y] = [xaxis.d2p(trace.x[index]), yaxis.d2p(trace.y[index])];
        if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) continue;
        found.push({ x, y, row: trace.customdata[index], text: trace.text?.[index] ?? trace.name });
      }
    }
    return found;
  };
  const nearest = (from, [right, down]) => {
    const { xaxis, yaxis } = memory.plot._fullLayout;
    const every = seen();
    const here = every.find((dot) => dot.row === from) ?? { x: xaxis._length / 2, y: yaxis._length / 2 };
    let [best, least] = [null, Infinity];
    for (const dot of every) {
      const [x, y] = [dot.x - here.x, dot.y - here.y];
      const [along, aside] = [x * right + y * down, Math.abs(x * down) + Math.abs(y * right)];
      if (along <= 0.5 || aside > along || dot.row === from) continue;
      if (along + 2 * aside < least) [best, least] = [dot, along + 2 * aside];
    }
    return best;
  };
  const mark = (dot) => {
    memory.ring?.remove();
    if (!dot || !memory.plot) return;
    const { xaxis, yaxis } = memory.plot._fullLayout;
    memory.ring = document.createElement("div");
    Object.assign(memory.ring.style, {
      position: "absolute",
      left: `${xaxis._offset + dot.x - 11}px`,
      top: `${yaxis._offset + dot.y - 11}px`,
      width: "16px",
      height: "16px",
      border: `3px solid ${data.accent}`,
      borderRadius: "50%",
      pointerEvents: "none",
    });
    memory.plot.querySelector(".svg-container").append(memory.ring);
  };
  const frame = (isOn) => {
    if (memory.plot) memory.plot.style.outline = isOn ? `3px solid ${data.accent}` : "";
  };

  dots.onkeydown = (event) => {
    const way = AWAY[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey || !memory.plot) return;
    event.preventDefault();
    event.stopPropagation();
    const dot = nearest(memory.row ?? data.row, way);
    if (!dot) return;
    memory.row = dot.row;
    said.textContent = String(dot.text).replaceAll("<br>", ", ");
    mark(dot);
    clearTimeout(memory.choosing);
    memory.choosing = setTimeout(() => setTriggerValue("row", `${memory.row}`), WAIT);
  };
  dots.onfocus = () => frame(dots.matches(":focus-visible"));
  dots.onblur = () => {
    frame(false);
    mark(null);
  };

  // ------------------------------------------------------------------------------------------------------

  // What the program knows from the URL counts; what it was told from here is known already.
  if (memory.about !== data.about || !isEcho(memory, data.zoom)) {
    Object.assign(memory, { about: data.about, told: [data.zoom], zoom: data.zoom, plot: null });
  }
  if (memory.given !== data.row) memory.row = data.row;
  memory.given = data.row;
  // The page draws the figure anew with each click on a dot.
  const attach = () => {
    const plot = plotOf(data.chart);
    if (!plot || (plot === memory.plot && firstOf(plot) === memory.first)) return;
    Object.assign(memory, { plot, first: firstOf(plot) });
    memory.home = plot.homeOfView ??= toText(rangesOf(plot));
    plot.zoomed ??= (plot.on("plotly_relayout", (change) => plot.zoomed(change)), zoomed);
    plot.zoomed = zoomed;
    if (memory.zoom && memory.zoom !== toText(rangesOf(plot))) zoomTo(plot, memory.zoom);
    mark(null);
    frame(parentElement.activeElement === dots && dots.matches(":focus-visible"));
  };
  if (memory.plot) memory.plot.zoomed = zoomed;
  const clock = setInterval(attach, 150);
  document.addEventListener("figure-drawn", attach);
  attach();
  memory.forget = () => {
    clearInterval(clock);
    document.removeEventListener("figure-drawn", attach);
  };
  return () => memory.forget();
}
