// Saves charts as a figure for print: PNG, SVG or PDF, dark on white whatever the theme, without the page's controls.
//
// Plotly itself draws the figure once more, as SVG; what stands around it on the page (which model, the legend) is
// written above and below. The scripts and fonts for PDF and PNG are fetched from this server when they are needed.

const DPI = 300;
const CSS_DPI = 96; // of the browser's pixels
const LINE = 26; // height of a line above or below the charts, in CSS pixels
const SIZE = 15; // of its letters
const NAMESPACE = "http://www.w3.org/2000/svg";
const MIME = { svg: "image/svg+xml", png: "image/png", pdf: "application/pdf" };
const FONTS = { normal: "print-regular.ttf", bold: "print-bold.ttf" };

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    const kind = button.dataset.kind;
    const label = `${kind.toUpperCase()}: ${data.name}.${kind}`;
    button.textContent = label;
    button.onclick = async () => {
      button.disabled = true;
      button.textContent = `${label} …`;
      const quiet = document.head.appendChild(document.createElement("style"));
      quiet.textContent = ".plotly-notifier { display: none; }"; // of downloads that nobody gets
      try {
        save(await made(kind, data), `${data.name}.${kind}`);
        button.textContent = label;
      } catch (error) {
        console.error(error);
        button.textContent = `${kind.toUpperCase()} could not be made: reload the page and try again`;
      } finally {
        document.querySelectorAll(".plotly-notifier .notifier-note").forEach((note) => note.remove());
        quiet.remove();
        button.disabled = false;
      }
    };
  }
}

/** The file as a Blob. */
async function made(kind, data) {
  const svg = await figure(data);
  if (kind === "pdf") return pdfOf(svg, data);
  if (kind === "png") return pngOf(svg, data);
  return new Blob([textOf(svg)], { type: MIME.svg });
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function textOf(svg) {
  return new XMLSerializer().serializeToString(svg);
}

// The figure

/** All charts of the export where they stand on the page, with the title above and the legend below: an SVG element. */
async function figure(data) {
  const selector = data.charts.map((key) => `[class*="st-key-${key}"] .js-plotly-plot`).join();
  const plots = [...document.querySelectorAll(selector)];
  if (!plots.length) throw new Error("The chart is gone.");
  const boxes = plots.map((plot) => plot.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const width = Math.ceil(Math.max(...boxes.map((box) => box.right)) - left);
  const title = [data.title, ...plots.map(stateOf)].filter(Boolean).join(" · ");
  const above = title ? LINE : 0;
  const height = Math.ceil(above + Math.max(...boxes.map((box) => box.bottom)) - top);

  const svg = node("svg", { width, height });
  const ground = svg.appendChild(node("rect", { width, height, fill: data.look.ground }));
  if (title) svg.appendChild(written(title, 8, LINE - 8, data.look.ink, "bold"));
  for (const [number, plot] of plots.entries()) {
    const drawn = new DOMParser().parseFromString(await svgOf(plot, data.look), MIME.svg).documentElement;
    const place = { x: boxes[number].left - left, y: above + boxes[number].top - top };
    for (const [name, value] of Object.entries(place)) drawn.setAttribute(name, value);
    svg.appendChild(drawn);
  }
  const whole = height + legend(svg, data, width, height);
  for (const element of [svg, ground]) element.setAttribute("height", whole);
  svg.setAttribute("viewBox", `0 0 ${width} ${whole}`);
  return svg;
}

/** What a chart that moves shows now, if only its slider says it, which is no part of the figure. */
function stateOf(plot) {
  const slider = plot._fullLayout.sliders?.[0];
  return slider?.currentvalue?.visible ? (slider.steps[slider.active]?.label ?? "") : "";
}

/** Writes the legend, lines of coloured characters and names, below `top`; returns its height. */
function legend(svg, data, width, top) {
  const entries = data.legend ?? [];
  if (!entries.length) return 0;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${SIZE}px "Source Sans", sans-serif`;
  let [x, y] = [8, top + LINE - 8];
  for (const [character, color, name] of entries) {
    const wide = 36 + pen.measureText(name).width;
    if (x > 8 && x + wide > width) [x, y] = [8, y + LINE];
    svg.appendChild(written(character, x, y, color));
    svg.appendChild(written(name, x + 18, y, data.look.ink));
    x += wide;
  }
  return y - top + 12;
}

function node(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function written(text, x, y, fill, weight = "normal") {
  const style = `font-family: "Source Sans", sans-serif; font-size: ${SIZE}px; font-weight: ${weight};`;
  const made = node("text", { x, y, fill, style });
  made.textContent = text;
  return made;
}

/**
 * Plotly's SVG of a chart, as text.
 *
 * Its camera button is the only way to it, and it offers the SVG as a download, which is caught on its way. It reads
 * the chart at once, so that the chart may be another for as long as the click takes.
 */
function svgOf(plot, look) {
  const camera = plot.querySelector('.modebar-btn[data-title^="Download plot"]');
  if (!camera) throw new Error("The chart has no button that saves it.");
  const name = `export-${Math.random().toString(36).slice(2)}`;
  const caught = new Promise((resolve, reject) => {
    const listen = (event) => {
      const link = event.target;
      if (link?.download !== `${name}.svg`) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the menu would take it for a click elsewhere, and close
      done();
      fetch(link.href).then((answer) => answer.text()).then(resolve, reject);
    };
    const late = setTimeout(() => (done(), reject(new Error("Plotly gave no SVG."))), 60_000);
    const done = () => {
      clearTimeout(late);
      window.removeEventListener("click", listen, true);
    };
    window.addEventListener("click", listen, true);
  });
  const options = plot._context.toImageButtonOptions;
  const [before, layout] = [{ ...options }, plot.layout];
  const dots = plot.data.filter((trace) => trace.type === "scattergl");
  try {
    Object.assign(options, { format: "svg", filename: name, scale: 1 });
    plot.layout = inPrint(layout, look);
    for (const trace of dots) trace.type = "scatter"; // WebGL's dots would be one coarse picture
    camera.dispatchEvent(new MouseEvent("click"));
  } finally {
    for (const trace of dots) trace.type = "scattergl";
    plot.layout = layout;
    Object.assign(options, before);
  }
  return caught;
}

/** A chart's layout without its buttons and sliders, and with the colours of print in the place of the theme's. */
function inPrint(layout, look) {
  const { updatemenus, sliders, ...kept } = layout;
  const template = { ...layout.template, layout: recolored(layout.template?.layout ?? {}, look) };
  return { ...kept, template, paper_bgcolor: look.ground, plot_bgcolor: look.ground };
}

function recolored(part, look, parent = "") {
  const colorOf = (key) => {
    if (key.endsWith("bgcolor")) return look.ground;
    if (["gridcolor", "zerolinecolor", "tickcolor"].includes(key)) return look.grid;
    return key === "color" && /font$|^title$/.test(parent) ? look.ink : undefined;
  };
  const entries = Object.entries(part).map(([key, value]) => {
    const isPart = value && typeof value === "object" && !Array.isArray(value);
    return [key, isPart ? recolored(value, look, key) : colorOf(key) ?? value];
  });
  return Object.fromEntries(entries);
}

// PDF

async function pdfOf(svg, data) {
  const { jsPDF, svg2pdf } = await import(`${location.origin}${data.folder}svg_to_pdf.js`);
  const points = 72 / CSS_DPI;
  const [width, height] = ["width", "height"].map((name) => points * parseFloat(svg.getAttribute(name)));
  const orientation = width > height ? "landscape" : "portrait";
  const pdf = new jsPDF({ unit: "pt", format: [width, height], orientation, compress: true, putOnlyUsedFonts: true });
  pdf.setProperties({ title: data.title || data.name, creator: "IB-INN Explorer" });
  for (const [weight, file] of Object.entries(FONTS)) {
    pdf.addFileToVFS(file, await base64Of(data.folder + file));
    for (const style of ["normal", "italic"]) pdf.addFont(file, "print", style, weight);
  }
  const place = document.body.appendChild(document.createElement("div"));
  place.style.cssText = "position: absolute; left: -99999px; top: 0";
  place.appendChild(svg);
  try {
    plainText(svg);
    await svg2pdf(svg, pdf, { x: 0, y: 0, width, height });
  } finally {
    place.remove();
  }
  return pdf.output("blob");
}

/** Brings text into the form that svg2pdf knows: one font, sizes in pixels, no characters without a width. */
function plainText(svg) {
  for (const element of svg.querySelectorAll("text, tspan")) {
    const { fontSize, fontWeight } = getComputedStyle(element);
    element.style.fontFamily = "print";
    element.style.fontSize = fontSize;
    element.style.fontWeight = Number(fontWeight) >= 600 ? "bold" : "normal";
    element.style.fontVariant = "normal";
    element.setAttributeNS("http://www.w3.org/XML/1998/namespace", "xml:space", "preserve");
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) child.data = child.data.replace(/\u200b/g, "");
    }
  }
}

async function base64Of(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}

// PNG

async function pngOf(svg, data) {
  const faces = await Promise.all(
    Object.entries(FONTS).map(async ([weight, file]) => {
      const source = `url(data:font/ttf;base64,${await base64Of(data.folder + file)})`;
      return `@font-face { font-family: "Source Sans"; font-weight: ${weight}; src: ${source}; }`;
    }),
  );
  const style = svg.insertBefore(node("style", {}), svg.firstChild); // a picture knows none of the page's fonts
  style.textContent = faces.join("\n");
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([textOf(svg)], { type: MIME.svg }));
  await picture.decode();
  URL.revokeObjectURL(picture.src);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((picture.width * DPI) / CSS_DPI);
  canvas.height = Math.round((picture.height * DPI) / CSS_DPI);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, MIME.png));
  return withResolution(new Uint8Array(await blob.arrayBuffer()));
}

/** A PNG that says how many dots an inch it has: the browser's does not. */
function withResolution(png) {
  const chunk = new DataView(new ArrayBuffer(21));
  chunk.setUint32(0, 9);
  [..."pHYs"].forEach((letter, index) => chunk.setUint8(4 + index, letter.charCodeAt(0)));
  for (const offset of [8, 12]) chunk.setUint32(offset, Math.round(DPI / 0.0254)); // per metre
  chunk.setUint8(16, 1);
  chunk.setUint32(17, checksum(new Uint8Array(chunk.buffer, 4, 13)));
  const HEADER = 33; // the signature and the first chunk
  return new Blob([png.slice(0, HEADER), chunk, png.slice(HEADER)], { type: MIME.png });
}

/** CRC-32, as PNG has it. */
function checksum(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
