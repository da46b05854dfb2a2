// A zoom as text: the ends of the horizontal and of the vertical axis of each panel, "0_1_-2.5_3".

import { panelsOf, rangesOf } from "./plotly.js";

/** @typedef {import("./plotly.js").Plot} Plot */

const MOST = 16; // numbers: of four panels

/** @param {Plot} plot */
export function zoomOf(plot) {
  const ranges = rangesOf(plot);
  const ends = panelsOf(plot).flatMap((panel) => [...ranges[`xaxis${panel}`], ...ranges[`yaxis${panel}`]]);
  return ends.map((end) => Number(Number(end).toPrecision(4))).join("_");
}

/**
 * The ranges that a text stands for, by the names of the axes; none if it is no zoom of this figure.
 * @param {Plot} plot
 * @param {string} text
 * @returns {Record<string, number[]>}
 */
export function rangesFor(plot, text) {
  const ends = text.split("_").map(Number);
  const panels = panelsOf(plot);
  if (!text || ends.length > MOST || ends.length !== 4 * panels.length || !ends.every(Number.isFinite)) return {};
  return Object.fromEntries(
    panels.flatMap((panel, index) => [
      [`xaxis${panel}`, ends.slice(4 * index, 4 * index + 2)],
      [`yaxis${panel}`, ends.slice(4 * index + 2, 4 * index + 4)],
    ]),
  );
}
