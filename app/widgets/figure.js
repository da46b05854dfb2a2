// Draws a figure into the chart that Streamlit shows empty, and draws what differs where one is there already.

const CLOCK = 150; // ms between two looks at whether Streamlit has drawn something else over it
const LONG = 4; // looks at which a figure lacks its frames for good
const PATIENCE = 200; // frames in which a chart that has just been asked for may appear
// At these, Streamlit takes over what the chart then holds, and draws it again when the window is resized.
const TAKEN_OVER = ["relayout", "relayouting", "restyle", "redraw", "doubleclick", "animated"];

const RANGE = /^[xy]axis\d*\.(range|autorange)/;

const contentOf = (plot) => ({ data: plot.data, layout: plot.layout, frames: plot._transitionData?._frames });

export default function ({ data, parentElement }) {
  const memory = (parentElement.querySelector("span").memory ??= {});
  memory.forget?.();
  const isOther = memory.text !== data.figure;
  Object.assign(memory, { text: data.figure, count: (memory.count ?? 0) + isOther });

  /** Whether the chart shows the figure, whoever has drawn it last. */
  const isShown = (plot) => {
    const { drawn } = memory;
    if (drawn?.plot !== plot || drawn.text !== data.figure) return false;
    if (plot.data[0] !== drawn.first || plot.data.length !== drawn.length) return false;
    // Streamlit gives a chart its frames again some time after its traces.
    const lacksFrames = (plot._transitionData?._frames?.length ?? 0) !== drawn.frames;
    memory.lacking = lacksFrames ? (memory.lacking ?? 0) + 1 : 0;
    return memory.lacking < LONG;
  };

  /** The figure, with what the page gives all of them: its size, the template of its theme, and what a click does. */
  const figureFor = ({ host, isZoomed, _fullLayout: full }) => {
    const figure = JSON.parse(data.figure);
    const { layout } = figure;
    Object.assign(layout, { width: host.layout.width, height: host.layout.height, template: host.layout.template });
    if (data.about) layout.uirevision = data.about;
    layout.modebar = { ...layout.modebar, uirevision: "stays" }; // the tool that a person has taken
    const axes = Object.keys(full).filter((name) => isZoomed && /^[xy]axis\d*$/.test(name) && name in layout);
    for (const name of axes) Object.assign(layout[name], { range: [...full[name].range], autorange: false });
    if (data.selects) {
      const { dragmode } = full;
      layout.clickmode = dragmode === "select" || dragmode === "lasso" ? "event" : "event+select";
      layout.hovermode ??= "closest";
      layout.dragmode ??= "pan";
    }
    layout.selectionrevision = memory.count; // what was picked in another figure is not picked in this one
    const title = layout.title?.text;
    if (title) layout.title = { ...layout.title, text: `<b>${title}</b>` }; // as Streamlit sets titles
    return { data: figure.data, layout, frames: figure.frames ?? [] };
  };

  const draw = (plot) => {
    if (!plot.host) {
      for (const name of TAKEN_OVER) plot.on(`plotly_${name}`, () => (plot.host = contentOf(plot)));
      plot.on("plotly_relayout", (change) => (plot.isZoomed ||= Object.keys(change).some((name) => RANGE.test(name))));
    }
    // What Streamlit itself has drawn, as long as it has not drawn since what we have.
    if (plot.data !== memory.drawn?.data || plot !== memory.drawn.plot) plot.host = contentOf(plot);
    if (!data.about || data.about !== plot.about) Object.assign(plot, { homeOfView: undefined, isZoomed: false });
    plot.about = data.about;
    const { host } = plot;
    const figure = figureFor(plot);
    // Streamlit's own objects get the same contents: it draws from these when the chart's size changes.
    host.data.splice(0, Infinity, ...figure.data);
    for (const name of Object.keys(host.layout)) delete host.layout[name];
    Object.assign(host.layout, figure.layout);
    host.frames?.splice(0, Infinity, ...figure.frames);
    const drawn = { plot, text: data.figure, data: [...figure.data], first: figure.data[0] };
    memory.drawn = Object.assign(drawn, { length: figure.data.length, frames: figure.frames.length });
    const still = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
    if (plot._transitionData?._frames.length) call(plot, "animate", [[null], still]);
    plot.once("plotly_afterplot", () => document.dispatchEvent(new CustomEvent("figure-drawn")));
    call(plot, "react", [{ data: drawn.data, layout: { ...figure.layout }, frames: figure.frames }]);
  };

  const look = () => {
    const plot = chartIn(`.st-key-${data.chart.replace(/[^\w-]/g, "-")}`);
    if (!plot) return false;
    if (!isShown(plot)) draw(plot);
    const box = plot.closest('[data-testid="stPlotlyChart"]');
    if (box && box.getAttribute("aria-label") !== data.alt) {
      box.setAttribute("role", "figure");
      box.setAttribute("aria-label", data.alt);
    }
    return true;
  };
  let patience = isOther ? PATIENCE : 0;
  const watch = () => {
    if (!look() && patience-- > 0) requestAnimationFrame(watch);
  };
  watch();
  const clock = setInterval(look, CLOCK);
  memory.forget = () => {
    patience = 0;
    clearInterval(clock);
  };
  return () => memory.forget();
}
