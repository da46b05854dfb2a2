// The look of figures, which follows the page's theme, and the arrangement of their panels in a narrow box.

import { axesOf } from "./plotly.js";

const BETWEEN = 76; // CSS pixels between the halves of a folded figure, for the labels of the upper axes

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

/** Whether a figure has panels at the right of other panels. @param {Part} layout */
export const isFoldable = (layout) => axesOf(layout).some((name) => name[0] === "x" && layout[name].domain?.[0] >= 0.5);

/** Puts the panels at the right below the panels at the left. The layout must be high enough for both. @param {Part} layout */
export function fold(layout) {
  const { height, margin: { t = 0, b = 0 } = {}, annotations = [], images = [] } = layout;
  const share = (height - 2 * t - b - BETWEEN) / 2 / (height - t - b); // share of the height for the panels of each half
  const across = (/** @type {number} */ x, /** @type {boolean} */ isRight) => 2 * x - Number(isRight);
  const down = (/** @type {number} */ y, /** @type {boolean} */ isRight) => share * y + (isRight ? 0 : 1 - share);
  for (const name of axesOf(layout).filter((one) => one[0] === "x" && layout[one].domain)) {
    const [axis, other] = [layout[name], layout[name.replace("x", "y")]];
    const isRight = axis.domain[0] >= 0.5;
    axis.domain = axis.domain.map((/** @type {number} */ x) => across(x, isRight));
    other.domain = (other.domain ?? [0, 1]).map((/** @type {number} */ y) => down(y, isRight));
    if (isRight && other.ticktext) other.showticklabels = true; // before folding, only the leftmost panel shows these labels
  }
  for (const part of [...annotations, ...images].filter(({ xref }) => xref === "paper")) {
    const isRight = part.x >= 0.5;
    Object.assign(part, { x: across(part.x, isRight), y: down(part.y, isRight) });
    if (part.sizey) part.sizey *= share;
  }
}
