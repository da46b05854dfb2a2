// What the model at the slider's place asks of one image: ten likelihoods, which Bayes' rule turns into ten probabilities.
Explorer.views.push(
  (() => {
    const { element, between, color } = Explorer;
    let drawStrip, big, rows, verdict, shown;

    function make(root) {
      drawStrip = Explorer.strip(root);
      big = element("canvas", { class: "big", role: "img" });
      rows = element("div", { class: "rows", role: "table", "aria-label": "Likelihood and probability of each class" });
      verdict = element("p", { class: "lead", "aria-live": "polite" });
      root.append(element("div", { class: "pair" }, element("div", { class: "left" }, big, verdict), rows));
      shown = null;
    }

    function build(family) {
      const head = element("div", { class: "row head", role: "row" });
      for (const [text, hint] of [["class", ""], ["how well the class explains the image", "log-likelihood, less the best class's, in nats"], ["so the class is", "probability by Bayes' rule"]]) {
        head.append(element("span", { role: "columnheader" }, text, hint ? element("small", {}, hint) : ""));
      }
      rows.replaceChildren(
        head,
        ...family.classes.slice(0, 20).map((name, label) => {
          const bar = () => element("span", { class: "bar", role: "cell" }, element("i", { style: `background:${color(label, family.classes.length)}` }), element("b"));
          return element("div", { class: "row", role: "row" }, element("span", { role: "rowheader" }, name), bar(), bar());
        }),
      );
    }

    function draw(state) {
      const { family, image } = state;
      if (shown !== family) build((shown = family));
      drawStrip();
      const { pen, width } = Explorer.context(big);
      Explorer.tile(pen, Explorer.picture(family, "images"), family, 0, image, 0, 0, width);
      const classes = family.classes.length;
      const likelihoods = between(family.likelihoods, family.count * classes, image * classes, classes);
      const posterior = between(family.posterior, family.count * family.angles * classes, image * family.angles * classes, classes);
      const sum = posterior.reduce((a, b) => a + b, 0);
      const deepest = Math.max(10, ...likelihoods.map((value) => -value));
      [...rows.children].slice(1).forEach((row, label) => {
        const [likelihood, probability] = row.querySelectorAll(".bar");
        likelihood.firstChild.style.width = `${100 * (1 + likelihoods[label] / deepest)}%`;
        likelihood.lastChild.textContent = likelihoods[label] > -0.05 ? "best" : `−${(-likelihoods[label]).toFixed(1)}`;
        probability.firstChild.style.width = `${(100 * posterior[label]) / sum}%`;
        probability.lastChild.textContent = `${((100 * posterior[label]) / sum).toFixed(0)} %`;
        probability.style.visibility = state.hide === "posterior" ? "hidden" : "visible";
        row.classList.toggle("true", label === family.labels[image]);
      });
      const name = family.classes[family.labels[image]];
      const best = posterior.indexOf(Math.max(...posterior));
      const [bits] = between(family.bits, family.count * family.angles, image * family.angles, 1);
      const [low, high] = Explorer.band();
      const isTypical = bits >= low && bits <= high;
      big.setAttribute("aria-label", `image of the class ${name}`);
      verdict.hidden = state.hide === "posterior";
      verdict.textContent =
        `This is: ${name}. The model says: ${family.classes[best]}${best === family.labels[image] ? ", which is right" : ", which is wrong"}. ` +
        `Its likelihood, ${bits.toFixed(2)} bits/dim, is ${isTypical ? "typical" : bits < low ? "untypically high" : "untypically low"}: ` +
        `${(100 * family.typical).toFixed(0)} % of the test images have ${low.toFixed(2)} to ${high.toFixed(2)}.`;
    }

    return { id: "image", title: "One image", make, draw };
  })(),
);

/** The bits/dim of typical test images at the slider's place. */
Explorer.band = () => {
  const { family, place } = Explorer.state;
  const [low, high] = [family.band[place.low], family.band[place.high]];
  return [0, 1].map((side) => (1 - place.share) * low[side] + place.share * high[side]);
};
