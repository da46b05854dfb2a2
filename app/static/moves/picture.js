// Paints images of a model on canvases.

/**
 * @param {ArrayLike<number>} x (C, H, W), one or three channels, clipped to [0, 1]
 * @param {[number, number, number]} shape (C, H, W)
 */
export function imageData(x, shape) {
  const [channels, size] = [shape[0], shape[1] * shape[2]];
  const levels = Uint8Array.from({ length: x.length }, (_, at) => level(x[(at % channels) * size + Math.floor(at / channels)]));
  return imageOf(levels, shape);
}

/**
 * @param {ArrayLike<number>} pixels 8-bit values, (H, W, C), one or three channels
 * @param {[number, number, number]} shape (C, H, W)
 */
export function imageOf(pixels, [channels, height, width]) {
  const image = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < 3; c++) image.data[4 * at + c] = pixels[at * channels + (channels === 3 ? c : 0)];
    image.data[4 * at + 3] = 255;
  }
  return image;
}

/** The 8-bit value of a pixel, as in ibinn_core.to_uint8. @param {number} value */
const level = (value) => (Number.isNaN(value) ? 128 : Math.min(255, Math.max(0, Math.floor(value * 256))));

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageData} image
 */
export function paint(canvas, image) {
  if (canvas.width !== image.width || canvas.height !== image.height) {
    [canvas.width, canvas.height] = [image.width, image.height];
  }
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
}

/**
 * Rounds an image to 8 bits for the model. Each value keeps the offset within its level that the original image has
 * at this place (see ibinn_core.dequantize).
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} began the original image
 */
export function asSeen(x, began) {
  return Float32Array.from(x, (value, at) => {
    const place = began[at] * 256 - Math.floor(began[at] * 256);
    return (level(value) + Math.min(0.999, Math.max(0.001, place))) / 256;
  });
}
