// What our scripts ask of Plotly, which Streamlit keeps to itself; put before the script of a component.

/** Plotly's element within what a selector finds, once Streamlit has drawn it, be it empty still (figure.py). */
function chartIn(selector) {
  const plot = document.querySelector(`${selector} .js-plotly-plot`);
  return plot?._fullLayout?.xaxis && plot.querySelector(".updatemenu-button") ? plot : null;
}

/** The figure in the chart whose key begins so, once it is drawn. */
function plotOf(chart) {
  const plot = chartIn(`[class*="st-key-${chart}"]`);
  return plot?.layout.meta === "empty" ? null : plot;
}

/** The first trace of a figure: another one, and it is another figure. */
const firstOf = (plot) => plot.data[0];

/** Calls a function of Plotly's by the button that app/widgets/figure.py gives a figure: it calls what it is told. */
function call(plot, method, args) {
  const button = plot.querySelector(".updatemenu-button");
  Object.assign(button.__data__, { method, args });
  button.dispatchEvent(new MouseEvent("click"));
}

/** Keeps a parameter in the URL; the program, which is told of it too, then finds nothing to change there. */
function keepInUrl(name, text) {
  const url = new URL(window.location.href);
  if (text) url.searchParams.set(name, text);
  else url.searchParams.delete(name);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

/**
 * Whether the program says again what it was told from here, in `memory.told`. Its answers come late and one after
 * another: an answer to what was told before last is not a new choice, and the person has gone on since.
 */
function isEcho(memory, text) {
  const place = memory.told?.lastIndexOf(text) ?? -1;
  if (place > 0) memory.told.splice(0, place); // the one that is answered stays: each later run says it once more
  return place >= 0;
}
