// The buttons that save the figures of a page with app/static/figure/export.js.

export default function ({ data, parentElement }) {
  for (const button of parentElement.querySelectorAll("button")) {
    const kind = button.dataset.kind;
    const label = `${kind.toUpperCase()}: ${data.name}.${kind}`;
    button.hidden = !data.kinds.includes(kind);
    button.textContent = label;
    button.onclick = async () => {
      button.disabled = true;
      button.textContent = `${label} …`;
      try {
        await saved(kind, data, (share) => (button.textContent = `${label} … ${Math.round(100 * share)} %`));
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

async function saved(kind, data, progress) {
  const [{ blobOf }, { save }] = await Promise.all(
    ["export", "recorder"].map((name) => import(`${location.origin}${data.modules}${name}.js`)),
  );
  const found = document.querySelectorAll(`.st-key-${data.chart} :is(.js-plotly-plot, .saved)`);
  const plots = [...found].filter((one) => one.checkVisibility());
  save(await blobOf(kind, { ...data, plots, progress }), `${data.name}.${kind}`);
}
