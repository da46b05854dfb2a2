// The look of figures, which follows the theme of the page.

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {{ text: string, ground: string, line: string, font: string }} Theme colours and font of the page
 */

/**
 * The theme of the page around an element.
 * @param {Element} element
 * @returns {Theme}
 */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const names = ["text-color", "background-color", "border-color", "font"];
  const [text, ground, line, font] = names.map((name) => style.getPropertyValue(`--st-${name}`).trim());
  return { text, ground, line, font };
}

/**
 * Plotly's template for a theme: the defaults of all figures.
 * @param {Theme} theme
 * @returns {Part}
 */
export function templateOf({ text, ground, line, font }) {
  const letters = { color: text, family: font };
  const title = { font: letters, standoff: 12 };
  const axis = { automargin: true, tickfont: letters, title, gridcolor: line, zerolinecolor: line, tickcolor: line };
  return {
    layout: {
      font: letters,
      paper_bgcolor: ground,
      plot_bgcolor: ground,
      xaxis: { ...axis, showgrid: false, zeroline: false },
      yaxis: { ...axis, ticklabelposition: "outside" },
      margin: { pad: 8, r: 0, l: 0 },
      title: { font: letters, xanchor: "left", x: 0, pad: { l: 4 } },
      legend: { title: { side: "top" }, valign: "top", bordercolor: "rgba(0,0,0,0)", borderwidth: 0 },
      hoverlabel: { bgcolor: ground, bordercolor: line, font: letters },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8a93a0", activecolor: text },
    },
  };
}
