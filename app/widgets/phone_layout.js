// Another layout of a figure on a phone, where panels have no room beside one another; its own where the window is wide.

const CLOCK = 150; // ms between two looks at whether Streamlit has drawn the figure anew
const PATIENCE = 3; // looks in a row at which a figure has not the height of its box
const looks = new WeakMap(); // by box: how many there were
const fitted = new WeakMap(); // by box: the height that was set last

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("span");
  place.forget?.();
  const isNarrow = window.matchMedia(`(max-width: ${data.widest}px)`);

  /** Whether a value of the layout is there; Plotly itself changes the domain of an axis that an image constrains. */
  const isThere = (plot, [path, value]) => {
    const [first, ...rest] = path.replace("[", ".").replace("]", "").split(".");
    if (plot._fullLayout[first]?.constrain === "domain") return true;
    const found = rest.reduce((part, name) => part?.[name], plot.layout[first]);
    return JSON.stringify(found ?? null) === JSON.stringify(value);
  };
  // Two axes of one scale show more in a panel of another shape, and Plotly would leave it at that. As whole axes they
  // are no zoom of a person's, and where there is one, it stays.
  const showAll = (plot) => {
    const axes = Object.entries(data.ranges).map(([name, range]) => [name, { ...plot.layout[name], range: [...range] }]);
    const isZoomed = new URL(window.location.href).searchParams.has("zoom");
    if (axes.length && !isZoomed) call(plot, "relayout", [Object.fromEntries(axes)]);
  };
  // The first trace is a picture of rows and columns of tiles, the second their places.
  const turnTiles = (plot, [rows, columns]) => {
    const [picture, places] = plot._fullData;
    const first = firstOf(plot);
    if (Boolean(first.isTurned) === isNarrow.matches) return;
    first.isTurned = isNarrow.matches;
    if (!isNarrow.matches) [rows, columns] = [columns, rows];
    const image = new Image();
    image.onload = () => {
      if (firstOf(plot) !== first) return; // another figure, which is turned by itself
      const canvas = Object.assign(document.createElement("canvas"), { width: image.height, height: image.width });
      const [context, side] = [canvas.getContext("2d"), image.width / columns];
      for (let index = 0; index < rows * columns; index += 1) {
        const [x, y] = [(index % columns) * side, Math.floor(index / columns) * side];
        context.drawImage(image, x, y, side, side, y, x, side, side);
      }
      call(plot, "restyle", [{ source: [canvas.toDataURL()] }, [0]]);
      call(plot, "restyle", [{ x: [Array.from(places.y)], y: [Array.from(places.x)] }, [1]]);
    };
    image.src = picture.source;
  };
  // Streamlit may have measured the box before it had its height, and on a page that it has just loaded it may never do
  // so again. On a wide window it is given time, and each height is set once: a figure that it draws otherwise stays.
  const fit = (plot) => {
    const frame = plot.closest('[data-testid="stFullScreenFrame"]');
    if (!frame || getComputedStyle(frame).position !== "absolute") return; // on the full screen it is fixed
    const height = frame.clientHeight;
    if (!height) return; // it is about to go
    const isOff = Math.abs(plot._fullLayout.height - height) > 1;
    looks.set(frame, isOff ? (looks.get(frame) ?? 0) + 1 : 0);
    if (!isOff || (!isNarrow.matches && (looks.get(frame) < PATIENCE || fitted.get(frame) === height))) return;
    fitted.set(frame, height);
    call(plot, "relayout", [{ height }]);
  };
  const attach = () => {
    const plot = plotOf(data.chart);
    if (!plot) return;
    // A figure is drawn as a wide window has it: nothing is to be done there but where the window was narrow before.
    const isLaidOut = plot.laidOutForPhones === firstOf(plot);
    const wanted = isNarrow.matches ? data.narrow : isLaidOut ? data.wide : {};
    if (!Object.entries(wanted).every((entry) => isThere(plot, entry))) {
      call(plot, "relayout", [structuredClone(wanted)]);
      showAll(plot);
    }
    plot.laidOutForPhones = isNarrow.matches && firstOf(plot);
    fit(plot);
    if (data.tiles) turnTiles(plot, data.tiles);
  };
  const clock = setInterval(attach, CLOCK);
  isNarrow.addEventListener("change", attach);
  document.addEventListener("figure-drawn", attach);
  attach();
  place.forget = () => {
    clearInterval(clock);
    isNarrow.removeEventListener("change", attach);
    document.removeEventListener("figure-drawn", attach);
  };
  return () => place.forget();
}
