// Another layout of a figure on a phone, where panels have no room beside one another; its own where the window is wide.

const CLOCK = 150; // ms between two looks at whether Streamlit has drawn the figure anew

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("span");
  place.forget?.();
  const isNarrow = window.matchMedia(`(max-width: ${data.widest}px)`);

  /** Whether a value of the layout is there; Plotly itself changes the domain of an axis that an image constrains. */
  const isThere = (plot, [path, value]) => {
    const [first, ...rest] = path.split(".");
    if (plot._fullLayout[first]?.constrain === "domain") return true;
    const found = rest.reduce((part, name) => part?.[name], plot.layout[first]);
    return JSON.stringify(found ?? null) === JSON.stringify(value);
  };
  const attach = () => {
    const plot = plotOf(data.chart);
    if (!plot) return;
    const wanted = isNarrow.matches ? data.narrow : data.wide;
    // Streamlit's own layout comes back when it draws the figure anew.
    if (!Object.entries(wanted).every((entry) => isThere(plot, entry))) {
      call(plot, "relayout", [structuredClone(wanted)]);
    }
  };
  const clock = setInterval(attach, CLOCK);
  isNarrow.addEventListener("change", attach);
  attach();
  place.forget = () => {
    clearInterval(clock);
    isNarrow.removeEventListener("change", attach);
  };
  return () => place.forget();
}
