// Plotly as a widget brings it: unpacked once for all widgets of a page.

/** @type {symbol} */
const KEY = Symbol.for("ibinn-explorer.plotly");

/**
 * @param {DataView} packed Plotly's script, compressed by gzip
 * @returns {Promise<any>}
 */
export function plotlyFrom(packed) {
  const known = Reflect.get(globalThis, KEY);
  if (known?.size === packed.byteLength) return known.library; // of the same version
  const library = unpacked(packed);
  Reflect.set(globalThis, KEY, { size: packed.byteLength, library });
  return library;
}

/** @param {DataView} packed */
async function unpacked(packed) {
  const stream = new Blob([/** @type {any} */ (packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = await new Response(stream).text();
  // As a module, since a notebook may have a loader (`define`) of its own, which a script would be given to.
  const text = `const module = { exports: {} }, define = undefined;\n${script}\nexport default module.exports;`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const loading = import(address);
  const { default: library } = await loading;
  URL.revokeObjectURL(address);
  return library;
}
