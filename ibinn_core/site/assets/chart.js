// A chart in a canvas: a frame with titled axes, and from numbers to pixels.
Explorer.chart = (canvas, { title, x, y, xTicks, yTicks, xText = String, yText = String, xTitle = "", yTitle = "" }) => {
  const { pen, width, height } = Explorer.context(canvas);
  const size = parseFloat(getComputedStyle(document.body).fontSize);
  const left = 3.6 * size;
  const [top, right, bottom] = [(title ? 1.7 : yTitle ? 1.7 : 0.6) * size, 1.7 * size, (xTitle ? 2.9 : 1.6) * size];
  const [w, h] = [Math.max(1, width - left - right), Math.max(1, height - top - bottom)];
  const toX = (value) => left + ((value - x[0]) / (x[1] - x[0])) * w;
  const toY = (value) => top + h - ((value - y[0]) / (y[1] - y[0])) * h;
  const text = Explorer.style("--text");
  const frame = () => {
    pen.strokeStyle = pen.fillStyle = text;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, w, h);
    pen.textBaseline = "alphabetic";
    pen.font = Explorer.font(600);
    pen.textAlign = "left";
    pen.fillText(title || yTitle, Math.min(left, 0.4 * size), size);
    if (xTitle) {
      pen.textAlign = "center";
      pen.fillText(xTitle, left + w / 2, height - 0.5 * size, w);
    }
    pen.font = Explorer.font();
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of yTicks) pen.fillText(yText(value), left - 0.4 * size, Math.min(top + h - 0.4 * size, Math.max(top + 0.5 * size, toY(value))));
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const value of xTicks) pen.fillText(xText(value), toX(value), top + h + 0.35 * size);
    pen.textBaseline = "alphabetic";
  };
  const line = (points, color, thickness = 3) => {
    pen.strokeStyle = color;
    pen.lineWidth = thickness;
    pen.beginPath();
    for (const [a, b] of points) pen.lineTo(toX(a), toY(b));
    pen.stroke();
  };
  const dot = ([a, b], color, radius = 6) => {
    pen.fillStyle = color;
    pen.beginPath();
    pen.arc(toX(a), toY(b), radius, 0, 2 * Math.PI);
    pen.fill();
  };
  return { pen, width, height, size, left, top, right: left + w, bottom: top + h, toX, toY, frame, line, dot };
};

/** Round numbers from low to high, about `count` of them. */
Explorer.ticks = (low, high, count) => {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) ticks.push(Number(value.toPrecision(6)));
  return ticks;
};
