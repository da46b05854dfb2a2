// What γ gives and takes: the error of each measured place over its bits/dim, and the models beside the family.
Explorer.views.push(
  (() => {
    const { element } = Explorer;
    const NAMES = { "class-nll": "class-NLL", "class-nll-regularized": "class-NLL, fixed means" };
    let canvas, text;

    function make(root) {
      text = element("p", { class: "lead" });
      canvas = element("canvas", { class: "fill", role: "img" });
      root.append(text, canvas);
    }

    /** Error as it is drawn: each factor of two is as far as the next. */
    const scaled = (error) => Math.log2(error);

    function draw(state) {
      const { family, place } = state;
      // A model without labels guesses; its error would stretch the axis and say nothing.
      const places = family.places.filter((one) => one.gamma !== 0);
      const others = family.others.filter((one) => one.bits !== null && one.objective.startsWith("class-nll"));
      const [errors, bits] = ["error", "bits"].map((name) => [...places, ...others].map((one) => one[name]));
      const [lowest, highest] = [Math.min(...errors) / 1.15, Math.min(1, Math.max(...errors) * 1.1)];
      const [left, right] = [Math.min(...bits), Math.max(...bits)];
      const margin = 0.06 * (right - left);
      const steps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].filter((e) => e >= lowest && e <= highest);
      text.textContent =
        "Down is better for telling classes apart, left is better for knowing images. The ring is the model at the slider: " +
        "no place has both.";
      const chart = Explorer.chart(canvas, {
        x: [left - margin, right + margin],
        y: [scaled(lowest), scaled(highest)],
        xTicks: Explorer.ticks(left, right, 5),
        yTicks: steps.map(scaled),
        yText: (value) => `${Number((100 * 2 ** value).toPrecision(2))} %`,
        xTitle: "bits per dimension of test images: lower is a better likelihood",
        yTitle: "test error",
      });
      chart.frame();
      const accent = Explorer.style("--st-primary-color");
      chart.line(places.map((one) => [one.bits, scaled(one.error)]), accent);
      const trained = new Set(family.ticks.map((tick) => tick.gamma));
      chart.pen.textAlign = "left";
      let free = { x: -Infinity, y: 0 }; // the end of the last label: one that would lie on it is left out
      for (const one of places) {
        if (!trained.has(one.gamma)) continue;
        const point = [one.bits, scaled(one.error)];
        chart.dot(point, accent, 5);
        const label = one.gamma === "inf" ? "only classes" : `γ = ${Explorer.short(one.gamma)}`;
        const wide = chart.pen.measureText(label).width;
        let x = chart.toX(point[0]) + 0.6 * chart.size;
        if (x + wide > chart.right) x = chart.right - wide - 4;
        const y = chart.toY(point[1]) - 0.6 * chart.size;
        if (x < free.x && Math.abs(y - free.y) < 1.2 * chart.size) continue;
        chart.pen.fillStyle = Explorer.style("--text");
        chart.pen.fillText(label, x, y);
        free = { x: x + wide + 0.5 * chart.size, y };
      }
      for (const one of others) {
        const point = [one.bits, scaled(one.error)];
        chart.dot(point, Explorer.style("--text"), 5);
        chart.pen.fillStyle = Explorer.style("--text");
        chart.pen.fillText(NAMES[one.objective] ?? one.objective, chart.toX(point[0]) + 0.6 * chart.size, chart.toY(point[1]) + 0.3 * chart.size);
      }
      const mix = (name) => (1 - place.share) * family.places[place.low][name] + place.share * family.places[place.high][name];
      if (family.places[place.low].gamma !== 0) {
        chart.pen.strokeStyle = Explorer.style("--accent");
        chart.pen.lineWidth = 4;
        chart.pen.beginPath();
        chart.pen.arc(chart.toX(mix("bits")), chart.toY(scaled(mix("error"))), 11, 0, 2 * Math.PI);
        chart.pen.stroke();
      } else {
        text.textContent = "Without labels the model knows images best and classes not at all; its answers are arbitrary. Move the slider to the right.";
      }
      canvas.setAttribute("aria-label", `Test error over bits per dimension at ${places.length} values of γ`);
    }

    return { id: "trade-off", title: "Trade-off", make, draw };
  })(),
);
