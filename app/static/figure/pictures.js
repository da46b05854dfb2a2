// The pictures of the dots of a figure: beside the mouse, and in place of the dots where few of them are in sight.

import { decoded, dotsOf, firstPanel, labelOf, scalesOf } from "./plotly.js";

/**
 * @typedef {import("./plotly.js").Part} Part
 * @typedef {import("./plotly.js").Plot} Plot
 *
 * @typedef {object} Sheets where pictures are, as app/figures/layout.py says it
 * @property {string} address of the folder whose files are 0.png, 1.png, …
 * @property {any} numbers of each row, which picture it is
 * @property {number} across pictures along an edge of a sheet
 * @property {[number, number]} size of a picture, in its pixels
 * @property {(sheet: number) => Promise<string>} [source] gives the address of a sheet where no folder has it
 */

const NONE = 65535; // the number of what has no picture
const MOST = 200; // dots in sight that pictures stand in for
const SHARE = 0.8; // of a side of the place that a dot has for itself
const [LEAST, LARGEST] = [28, 48]; // CSS pixels of such a picture
const BESIDE = 96; // CSS pixels of that beside the mouse
const GAP = 4; // between it and the label
const RIM = 3; // of the pixels of a picture that is cut out
const CUT = 64; // its pixels without that
const KEPT = 1000; // pictures that are kept after they were cut out

/** @param {number[]} values */
const extent = (values) => Math.max(...values) - Math.min(...values);

export class Pictures {
  /** @type {Sheets | null} */
  #sheets = null;
  /** @type {Uint16Array} */
  #numbers = new Uint16Array();
  /** @type {Map<number, Promise<HTMLImageElement>>} */
  #images = new Map();
  /** @type {Map<string, string>} data URIs by number and colour */
  #cut = new Map();
  #turn = 0;

  /** @param {Plot} plot */
  constructor(plot) {
    this.plot = plot;
    this.element = document.createElement("div");
    this.element.className = "figure-picture";
    this.element.hidden = true;
  }

  /** @param {Sheets | null} sheets */
  show(sheets) {
    if (sheets?.address !== this.#sheets?.address) {
      this.#images.clear();
      this.#cut.clear();
    }
    this.#sheets = sheets;
    this.#numbers = sheets ? decoded({ ...sheets.numbers }) : new Uint16Array();
    this.hide();
  }

  /** @param {number} row @returns {number | undefined} */
  #numberOf(row) {
    const number = this.#numbers[row];
    return number === NONE ? undefined : number;
  }

  /** The sheet that holds a picture, and its place there. @param {number} number */
  #placeOf(number) {
    const { across, size } = /** @type {Sheets} */ (this.#sheets);
    const within = number % across ** 2;
    return { sheet: Math.floor(number / across ** 2), column: within % across, row: Math.floor(within / across), across, size };
  }

  /** @param {number} sheet @returns {Promise<HTMLImageElement>} */
  #image(sheet) {
    const known = this.#images.get(sheet);
    if (known) return known;
    const { source, address } = /** @type {Sheets} */ (this.#sheets);
    const loaded = this.#loaded(source ? source(sheet) : Promise.resolve(`${address}${sheet}.png`));
    loaded.catch(() => this.#images.delete(sheet)); // to be tried again with the next dot
    this.#images.set(sheet, loaded);
    return loaded;
  }

  /** @param {Promise<string>} address */
  async #loaded(address) {
    const image = new Image();
    image.src = await address;
    await image.decode();
    return image;
  }

  /** Takes away what is beside the mouse. */
  hide() {
    this.#turn += 1;
    this.element.hidden = true;
  }

  /**
   * Shows the picture of a row beside the label of a dot, or beside the dot where it has none.
   * @param {number} row
   * @param {[number, number]} dot where it is in the figure, in CSS pixels
   */
  async beside(row, dot) {
    this.hide();
    const [turn, number] = [this.#turn, this.#numberOf(row)];
    if (number === undefined) return;
    const { sheet, column, row: line, across, size } = this.#placeOf(number);
    const image = await this.#image(sheet).catch(() => null);
    if (!image || turn !== this.#turn) return;
    const [width, height] = [BESIDE, (BESIDE * size[1]) / size[0]];
    const label = labelOf(this.plot) ?? { left: dot[0] + 2 * GAP, top: dot[1] - 2 * GAP, bottom: dot[1] + 2 * GAP };
    const above = label.top - height - GAP;
    const { element } = this;
    Object.assign(element.style, {
      left: `${Math.max(0, Math.min(label.left, this.plot.offsetWidth - width))}px`,
      top: `${above < 0 ? label.bottom + GAP : above}px`,
      width: `${width}px`,
      height: `${height}px`,
      backgroundImage: `url("${image.src}")`,
      backgroundSize: `${across * width}px ${across * height}px`,
      backgroundPosition: `${-column * width}px ${-line * height}px`,
    });
    element.dataset.row = String(row);
    if (element.parentElement !== this.plot) this.plot.append(element);
    element.hidden = false;
  }

  /**
   * Images for the layout, in place of the dots in sight; none where there are too many of them.
   * @returns {Promise<Part[]>}
   */
  async inPlaceOfDots() {
    if (!this.#sheets) return [];
    const dots = dotsOf(this.plot).filter(({ row }) => typeof row === "number" && this.#numberOf(row) !== undefined);
    const { width, height, left, top } = firstPanel(this.plot);
    // Where the dots lie, which may be a small part of the figure, and the rim of a picture.
    const across = Math.min(width, extent(dots.map(({ x }) => x)) + LARGEST);
    const down = Math.min(height, extent(dots.map(({ y }) => y)) + LARGEST);
    const side = Math.min(LARGEST, SHARE * Math.sqrt((across * down) / dots.length));
    if (!dots.length || dots.length > MOST || side < LEAST) return [];
    const { toData } = scalesOf(this.plot);
    const [from, to] = [toData(left, top), toData(left + side, top + side)];
    const common = { xref: "x", yref: "y", xanchor: "center", yanchor: "middle", layer: "above", sizing: "contain" };
    const sizes = { sizex: Math.abs(to[0] - from[0]), sizey: Math.abs(to[1] - from[1]) };
    return Promise.all(
      dots.map(async ({ row, x, y, color }) => {
        const source = await this.#cutOut(/** @type {number} */ (this.#numberOf(row)), color);
        const [across, up] = toData(left + x, top + y);
        return { ...common, ...sizes, source, x: across, y: up, name: `dot-${row}` };
      }),
    );
  }

  /**
   * A picture with a rim in the colour of its dot, as a data URI.
   * @param {number} number
   * @param {string} color
   */
  async #cutOut(number, color) {
    const name = `${number} ${color}`;
    const known = this.#cut.get(name);
    if (known) return known;
    const { sheet, column, row, size } = this.#placeOf(number);
    const image = await this.#image(sheet);
    const canvas = document.createElement("canvas");
    const [width, height] = [CUT, Math.round((CUT * size[1]) / size[0])];
    [canvas.width, canvas.height] = [width + 2 * RIM, height + 2 * RIM];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = color;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = false;
    context.drawImage(image, column * size[0], row * size[1], ...size, RIM, RIM, width, height);
    if (this.#cut.size > KEPT) this.#cut.clear();
    const made = canvas.toDataURL();
    this.#cut.set(name, made);
    return made;
  }
}
