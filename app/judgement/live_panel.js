// Bars and a strip whose parts are made once and then only moved.

const ROOM = 0.75; // of a bar's column; its number stands behind the longest bar

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const make = (name, className = "") => Object.assign(document.createElement(name), { className });
  find(".panel").setAttribute("aria-label", data.alt);

  const bars = find(".bars");
  const cells = (bars.cells ??= data.rows.map(([name]) => {
    const label = make("span", "name");
    label.textContent = name;
    const pair = [make("div", "cell"), make("div", "cell")];
    for (const cell of pair) cell.append(make("div", "bar"), make("span"));
    bars.append(label, ...pair);
    return pair;
  }));
  data.rows.forEach(([, color, ...values], row) => {
    cells[row].forEach((cell, column) => {
      const [length, text] = values.slice(2 * column);
      cell.firstChild.style.background = color;
      cell.firstChild.style.width = `${ROOM * length}%`;
      cell.lastChild.textContent = text;
    });
  });

  const legend = data.legend.map(([color, text]) => {
    const item = make("i");
    const square = make("span");
    square.style.color = color;
    square.textContent = "■ ";
    item.append(square, text);
    return item;
  });
  find("[data-legend]").replaceChildren(...legend);
  const lines = data.histograms.map(([color, points]) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    line.setAttribute("points", points.map(([x, y]) => `${x},${100 - y}`).join(" "));
    line.setAttribute("stroke", color);
    line.setAttribute("fill", color);
    return line;
  });
  find("svg").replaceChildren(...lines);

  const ticks = data.ticks.map(([place, text]) => {
    const tick = make("i");
    tick.style.left = `${place}%`;
    tick.textContent = text;
    return tick;
  });
  find(".ticks").replaceChildren(...ticks);
  const band = find("[data-band]");
  band.hidden = !data.band;
  if (data.band) {
    const [low, high, color] = data.band;
    Object.assign(band.style, { left: `${low}%`, width: `${high - low}%`, background: color });
  }
  const needle = find("[data-needle]");
  needle.hidden = !data.needle;
  if (data.needle) {
    const [place, text, color] = data.needle;
    Object.assign(needle.style, { left: `${place}%`, background: color, color });
    needle.firstChild.textContent = text;
  }
}
