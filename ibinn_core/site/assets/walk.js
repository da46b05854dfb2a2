// The way from one image to another through latent space, beside what one gets without a network.
Explorer.views.push(
  (() => {
    const { element } = Explorer;
    const ROWS = [
      ["spherical", "On the great circle"],
      ["linear", "On the straight line"],
      [null, "Pixels, cross-faded: no network"],
    ];
    let buttons, canvas, text, shown;

    function make(root) {
      text = element("p", { class: "lead" });
      buttons = element("div", { class: "strip pairs", role: "group", "aria-label": "Pair of images" });
      canvas = element("canvas", { class: "fill", role: "img" });
      root.append(text, buttons, canvas);
      shown = null;
    }

    function build(family) {
      buttons.replaceChildren(
        ...family.pairs.map(([one, other], index) => {
          const names = [one, other].map((i) => family.classes[family.labels[i]]);
          return element(
            "button",
            { type: "button", "aria-label": names.join(" to "), title: names.join(" to "), onclick: () => Explorer.set({ pair: index }) },
            element("canvas", { width: 2 * family.side[1], height: family.side[0] }),
          );
        }),
      );
    }

    function draw(state) {
      const { family, pair } = state;
      if (shown !== family) build((shown = family));
      const place = Explorer.nearest();
      const images = Explorer.picture(family, "images");
      [...buttons.children].forEach((button, index) => {
        button.setAttribute("aria-pressed", index === pair);
        const pen = button.firstChild.getContext("2d");
        family.pairs[index].forEach((image, side) => Explorer.tile(pen, images, family, 0, image, side * family.side[1], 0, family.side[1]));
      });
      const names = family.pairs[pair].map((i) => family.classes[family.labels[i]]);
      text.textContent =
        `From ${names[0]} to ${names[1]} at γ = ${Explorer.short(family.places[place].gamma)}: both ends are photographs, encoded and decoded; ` +
        "all between them is the network's. Below, what the pixels alone would give.";
      if (family.grey) text.textContent = text.textContent.replace("photographs", "test images");
      const { pen, width, height } = Explorer.context(canvas);
      const line = 1.5 * parseFloat(getComputedStyle(document.body).fontSize);
      const size = Math.min(width / family.steps, height / ROWS.length - line);
      const left = (width - size * family.steps) / 2;
      pen.font = Explorer.font();
      ROWS.forEach(([name, title], row) => {
        const top = row * (size + line);
        pen.fillStyle = Explorer.style("--text");
        pen.textAlign = "left";
        pen.fillText(title, left, top + line * 0.75);
        for (let step = 0; step < family.steps; step++) {
          const x = left + step * size;
          if (name) {
            Explorer.tile(pen, Explorer.picture(family, name), family, place, pair * family.steps + step, x + 1, top + line, size - 2);
            continue;
          }
          Explorer.tile(pen, images, family, 0, family.pairs[pair][0], x + 1, top + line, size - 2);
          pen.globalAlpha = step / (family.steps - 1);
          Explorer.tile(pen, images, family, 0, family.pairs[pair][1], x + 1, top + line, size - 2);
          pen.globalAlpha = 1;
        }
      });
      canvas.setAttribute("aria-label", `${family.steps} images on the way from ${names[0]} to ${names[1]}, in three rows`);
    }

    return { id: "walk", title: "Interpolate", make, draw };
  })(),
);
