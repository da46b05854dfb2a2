// The buttons that save the figures of a page for print; how, is in app/static/figure/export.js.

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    const kind = button.dataset.kind;
    const file = `${data.name}.${kind}`;
    const label = `${kind.toUpperCase()}: ${file}`;
    button.textContent = label;
    button.onclick = async () => {
      button.disabled = true;
      button.textContent = `${label} …`;
      try {
        await saved(kind, file, data);
        button.textContent = label;
      } catch (error) {
        console.error(error);
        button.textContent = `${label} could not be made: ${error.message}`;
      } finally {
        button.disabled = false;
      }
    };
  }
}

async function saved(kind, file, data) {
  const { blobOf, save } = await import(location.origin + data.module);
  const figures = ":is(.js-plotly-plot, canvas.saved)";
  const selector = data.charts.map((key) => `[class*="st-key-${key}"] ${figures}`).join();
  const plots = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  save(await blobOf(kind, { ...data, plots, vendor: location.origin + data.vendor }), file);
}
