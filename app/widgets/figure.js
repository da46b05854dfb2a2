// Draws a figure into the chart that Streamlit shows empty, and draws what differs where one is there already.

const LOOK_EVERY = 150; // ms between two looks at whether Streamlit has drawn something else over it
const LOOKS_WITHOUT_FRAMES = 4; // after which a figure lacks its frames for good
const FRAMES_TO_WAIT = 200; // in which a chart that has just been asked for may appear
// Upon a change of the layout, Streamlit takes over what the chart then holds, and draws it once more, in the midst of
// what moves. Of what is picked, it tells the program only if that is not what was picked last time.
const CHANGES = ["relayout", "relayouting", "restyle", "redraw", "doubleclick", "animated"];
const PICKS = ["click", "selected", "deselect"];
const PAD = 12; // pixels that Plotly keeps beside labels, but fewer where a margin is smaller
const AXIS = /^[xy]axis\d*$/;

/** What the axes of a chart show, by their names. */
const rangesOf = ({ _fullLayout: full }) =>
  Object.fromEntries(
    Object.entries(full)
      .filter(([name]) => AXIS.test(name))
      .map(([name, { range }]) => [name, String(range)]),
  );
/** Whether a person has zoomed: not where the axes are as they were drawn, nor where they fit what is drawn. */
const hasZoom = (plot) =>
  Object.entries(rangesOf(plot)).some(([name, range]) => {
    const { autorange, fixedrange } = plot._fullLayout[name]; // such an axis only a frame can move
    return !autorange && !fixedrange && range !== plot.home?.[name];
  });
/** Whether axes of a layout keep the same scale: they show more than they were told to, as much as there is room. */
const isScaled = (layout) => Object.entries(layout).some(([name, axis]) => AXIS.test(name) && axis.scaleanchor);

/** How many times larger than usual a page on stage is (stage.js), of which only those with a figure are (stage.py). */
const scaleOf = () => {
  const style = getComputedStyle(document.documentElement);
  const isOnStage = style.getPropertyValue("--screen") && document.querySelector(".st-key-stage-figure");
  return isOnStage ? Number(style.getPropertyValue("--scale")) || 1 : 1;
};
const IN_PIXELS = ["size", "thickness", "xshift", "yshift", "standoff", "ax", "ay", "ticklen", "tracegroupgap"];
const BOXES = ["margin", "pad"]; // whose numbers are all of pixels
const NOT_IN_PIXELS = ["xbins", "ybins", "contours"]; // whose size is that of data

/** A part of a figure in which all that Plotly measures in pixels is `times` as large: letters, marks, lines, margins. */
function scaled(part, times, name = "") {
  if (times === 1 || NOT_IN_PIXELS.includes(name)) return part;
  if (Array.isArray(part)) return part.map((value) => scaled(value, times, name));
  if (typeof part === "number") return IN_PIXELS.includes(name) ? times * part : part;
  if (!part || typeof part !== "object") return part;
  const isBox = BOXES.includes(name);
  const corners = { xsizemode: ["x0", "x1"], ysizemode: ["y0", "y1"] }; // of a shape
  const ends = Object.keys(corners).flatMap((mode) => (part[mode] === "pixel" ? corners[mode] : []));
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      const isWidth = key === "width" && name === "line";
      const isPixels = isBox || isWidth || ends.includes(key);
      return [key, typeof value === "number" && isPixels ? times * value : scaled(value, times, key)];
    }),
  );
}

/** The `customdata` of some points; those without any do not count. */
const dataOf = (points) => points.map(({ customdata }) => [customdata].flat()[0]).filter((value) => value != null);

export default function ({ data, parentElement, setTriggerValue }) {
  const memory = (parentElement.querySelector("span").memory ??= {});
  memory.forget?.();
  const isOther = memory.text !== data.figure;
  Object.assign(memory, { text: data.figure, count: (memory.count ?? 0) + isOther });

  /** Whether the chart shows the figure, whoever has drawn it last. */
  const isShown = (plot) => {
    const { drawn } = memory;
    if (drawn?.plot !== plot || drawn.text !== data.figure || drawn.about !== data.about) return false;
    if (drawn.scale !== scaleOf()) return false;
    if (plot.data[0] !== drawn.first || plot.data.length !== drawn.length) return false;
    // What such axes had to show in another size stays otherwise, however little of it the figure is.
    const { width, height } = plot._fullLayout;
    const isSettled = plot.isZoomed || plot.laidOutForPhones || !isScaled(plot.layout); // phone_layout.js sees to its own
    if (!isSettled && (width !== drawn.width || height !== drawn.height)) return false;
    // Streamlit gives a chart its frames again some time after its traces.
    const lacksFrames = (plot._transitionData?._frames?.length ?? 0) !== drawn.frames;
    memory.lacking = lacksFrames ? (memory.lacking ?? 0) + 1 : 0;
    return memory.lacking < LOOKS_WITHOUT_FRAMES;
  };

  /** What decides how much room labels need, as far as the layout tells: not quite, so that a word more moves nothing. */
  const frameOf = (layout) => {
    const axes = Object.entries(layout).filter(([name]) => AXIS.test(name));
    const lengthOf = (text) => String(text).replace(/<.*?>/g, "").length;
    const linesOf = (text) => String(text ?? "").split("<br>").length;
    const longest = (texts) => (Array.isArray(texts) ? Math.ceil(Math.max(0, ...texts.map(lengthOf)) / 6) : 0);
    const labels = axes.map(([name, { domain, title, ticktext, tickfont }]) => [
      ...[name, domain, linesOf(title?.text), longest(ticktext), tickfont],
    ]);
    const { width, height, margin, font, legend } = layout;
    return JSON.stringify([width, height, margin, font, legend, labels]);
  };
  // Plotly draws a figure, measures its labels, makes room for them and draws it again: unless there is room already,
  // as the figure before has had it. So nothing jumps aside either, as long as Plotly keeps as much beside the labels.
  const keepRoom = (plot, layout) => {
    const frame = frameOf(layout);
    const room = plot.frame === frame ? plot._fullLayout._size : {};
    plot.frame = frame;
    const hasLabels = ([name, axis]) => AXIS.test(name) && axis.automargin !== false && axis.showticklabels !== false;
    const least = Object.entries(layout).some(hasLabels) ? PAD : 0;
    const sides = Object.entries(layout.margin ?? {}).map(([side, size]) => [side, Math.max(size, least, room[side] ?? 0)]);
    layout.margin = Object.fromEntries(sides);
  };

  /** The figure, with what the page gives all of them: its size, the template of its theme, and what a click does. */
  const figureFor = ({ isZoomed, layout: given, _fullLayout: full }) => {
    const figure = scaled(JSON.parse(data.figure), scaleOf());
    const { layout } = figure;
    Object.assign(layout, { width: given.width, height: given.height, template: given.template });
    if (data.about) layout.uirevision = data.about;
    layout.modebar = { ...layout.modebar, uirevision: "stays" }; // the tool that a person has taken
    const axes = Object.keys(full).filter((name) => isZoomed && AXIS.test(name) && name in layout);
    for (const name of axes) Object.assign(layout[name], { range: [...full[name].range], autorange: false });
    if (data.selects) {
      layout.clickmode = "event"; // Plotly's own choice of a point would stay in other figures
      layout.hovermode ??= "closest";
      layout.dragmode ??= "pan";
    }
    layout.selectionrevision = memory.count; // what was picked in another figure is not picked in this one
    const title = layout.title?.text;
    if (title) layout.title = { ...layout.title, text: `<b>${title}</b>` }; // as Streamlit sets titles
    return { data: figure.data, layout, frames: figure.frames ?? [] };
  };

  const pick = (event) => {
    const picked = data.selects && event?.points ? dataOf(event.points) : [];
    if (picked.length) setTriggerValue("picked", picked);
  };
  const listen = (plot) => {
    for (const name of [...CHANGES, ...PICKS]) plot.removeAllListeners(`plotly_${name}`);
    plot.on("plotly_relayout", () => (plot.isZoomed = !plot.isDrawing && hasZoom(plot)));
    for (const name of ["click", "selected"]) plot.on(`plotly_${name}`, (event) => plot.pick(event));
  };

  const draw = (plot) => {
    if (plot.about === undefined) listen(plot);
    if (!data.about || data.about !== plot.about) Object.assign(plot, { homeOfView: undefined, isZoomed: false });
    plot.about = data.about;
    const figure = figureFor(plot);
    // Streamlit's own objects get the contents: from these it draws when the chart's size changes.
    keepRoom(plot, figure.layout);
    const { data: traces, layout } = plot;
    traces.splice(0, Infinity, ...figure.data);
    for (const name of Object.keys(layout)) delete layout[name];
    Object.assign(layout, figure.layout);
    const drawn = { plot, text: data.figure, about: data.about, first: figure.data[0], length: figure.data.length };
    memory.drawn = { ...drawn, scale: scaleOf(), frames: figure.frames.length };
    plot.isDrawing = true;
    const still = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
    if (plot._transitionData?._frames.length) call(plot, "animate", [[null], still]);
    plot.once("plotly_react", () => {
      const { width, height } = plot._fullLayout;
      Object.assign(memory.drawn, { width, height });
      plot.isDrawing = false;
      if (!plot.isZoomed) plot.home = rangesOf(plot);
      document.dispatchEvent(new CustomEvent("figure-drawn"));
    });
    call(plot, "react", [{ data: traces, layout, frames: figure.frames }]);
  };

  /** Whether Streamlit is done with its empty chart: it listens to it from its first drawing on, and draws it twice. */
  const isReady = (plot) => {
    if (plot.about !== undefined || plot === memory.heard) return true;
    if (plot._ev.listenerCount("plotly_redraw")) memory.heard = plot;
    return false;
  };

  const look = () => {
    const plot = chartIn(`.st-key-${data.chart.replace(/[^\w-]/g, "-")}`);
    if (!plot || !isReady(plot)) return false;
    plot.pick = pick;
    if (!isShown(plot)) draw(plot);
    const box = plot.closest('[data-testid="stPlotlyChart"]');
    if (box && box.getAttribute("aria-label") !== data.alt) {
      box.setAttribute("role", "figure");
      box.setAttribute("aria-label", data.alt);
    }
    return true;
  };
  let patience = isOther ? FRAMES_TO_WAIT : 0;
  const watch = () => {
    if (!look() && patience-- > 0) requestAnimationFrame(watch);
  };
  watch();
  const clock = setInterval(look, LOOK_EVERY);
  document.addEventListener("stage-scaled", look);
  memory.forget = () => {
    patience = 0;
    clearInterval(clock);
    document.removeEventListener("stage-scaled", look);
  };
  return () => memory.forget();
}
