// What the model at the slider's place draws of each class, by the same noise at every place.
Explorer.views.push(
  (() => {
    const { element } = Explorer;
    const KINDS = [
      ["around", "Around the class's images", "from a Gaussian at the mean of the class's training images"],
      ["mixture", "From the model's own mixture", "from the Gaussian at μ, the mean of the class's Gaussian"],
    ];
    let text, canvases;

    function make(root) {
      text = element("p", { class: "lead" });
      canvases = KINDS.map(() => element("canvas", { class: "fill", role: "img" }));
      const figures = KINDS.map(([, title, hint], index) =>
        element("figure", {}, element("figcaption", {}, element("b", {}, title), element("small", {}, hint)), canvases[index]),
      );
      root.append(text, element("div", { class: "pair even" }, ...figures));
    }

    function draw(state) {
      const { family } = state;
      const place = Explorer.nearest();
      text.textContent =
        `Drawn at a temperature of ${family.temperature} by the model at γ = ${Explorer.short(family.places[place].gamma)}. ` +
        "Where the two pictures differ, the mixture is not where the images are.";
      KINDS.forEach(([name, title], index) => {
        const { pen, width, height } = Explorer.context(canvases[index]);
        const sheet = Explorer.picture(family, name);
        const [classes, samples] = [Math.min(family.classes.length, 20), family.samples];
        // Classes as rows or as columns, whichever gives the larger tiles; their names beside or above.
        const line = 1.3 * parseFloat(getComputedStyle(document.body).fontSize);
        const beside = 4.6 * line;
        const asRows = Math.min((width - beside) / samples, height / classes);
        const asColumns = Math.min(width / classes, (height - line) / samples);
        const upright = asRows > asColumns;
        const size = Math.max(8, upright ? asRows : asColumns);
        pen.font = Explorer.font();
        pen.fillStyle = Explorer.style("--text");
        const left = upright ? (width - beside - size * samples) / 2 : (width - size * classes) / 2;
        for (let k = 0; k < classes; k++) {
          if (upright) {
            pen.textAlign = "right";
            pen.textBaseline = "middle";
            pen.fillText(family.classes[k], left + beside - 8, (k + 0.5) * size);
          } else {
            pen.textAlign = "center";
            pen.textBaseline = "alphabetic";
            pen.fillText(family.classes[k], left + (k + 0.5) * size, line * 0.75, size);
          }
          for (let s = 0; s < samples; s++) {
            const [x, y] = upright ? [left + beside + s * size, k * size] : [left + k * size, line + s * size];
            Explorer.tile(pen, sheet, family, place, k * samples + s, x + 1, y + 1, size - 2);
          }
        }
        canvases[index].setAttribute("aria-label", `${title}: ${samples} samples of each class`);
      });
    }

    return { id: "samples", title: "Samples", make, draw };
  })(),
);
