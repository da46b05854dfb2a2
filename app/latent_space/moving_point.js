// A plane with a point that moves, and the way that it has come. All places are percent of the side, to the right and
// down. The ground is the picture that the page sent before, as a style.

const LONGEST = 60; // places that the way remembers
const EDGE = 2; // percent that a point from outside is held within the border

const NS = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  const svg = parentElement.querySelector("svg");
  const point = svg.querySelector("[data-point]");
  const trail = svg.querySelector("[data-trail]");
  const means = svg.querySelector("[data-means]");
  const memory = (svg.memory ??= { way: [] });
  const element = (name, attributes, text = "") => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  svg.setAttribute("aria-label", data.alt);
  if (memory.model !== data.model) {
    Object.assign(memory, { model: data.model, way: [] });
    means.replaceChildren(
      ...data.means.flatMap(([x, y, name, color]) => [
        element("circle", { cx: x, cy: y, r: 3.4, stroke: color }),
        element("text", { x, y }, name),
      ]),
    );
  }
  if (!data.place) memory.way = [];
  else {
    const inside = data.place.map((value) => Math.min(100 - EDGE, Math.max(EDGE, value)));
    const last = memory.way[memory.way.length - 1];
    if (!last || last.join() !== inside.join()) memory.way = [...memory.way, inside].slice(-LONGEST);
    point.classList.toggle("outside", inside.join() !== data.place.join());
    point.style.transform = `translate(${inside[0]}px, ${inside[1]}px)`;
  }
  point.toggleAttribute("hidden", !data.place);
  point.style.setProperty("--accent", data.accent);
  trail.setAttribute("points", memory.way.map((place) => place.join()).join(" "));
  trail.setAttribute("stroke", data.accent);
}
