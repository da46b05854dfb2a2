// Has Plotly save a chart as SVG: its own camera button does, once it is told that format.

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = `SVG: ${data.name}.svg`;
  button.onclick = () => {
    const plot = document.querySelector(`[class*="st-key-${data.chart}"] .js-plotly-plot`);
    const camera = plot?.querySelector('.modebar-btn[data-title^="Download plot"]');
    if (!camera) return;
    const options = plot._context.toImageButtonOptions;
    const before = { ...options };
    Object.assign(options, { format: "svg", filename: data.name, scale: 1 });
    camera.click(); // reads them at once
    Object.assign(options, before);
  };
}
