// How sure may one be: of the answers given with a probability, how many are right?
Explorer.views.push(
  (() => {
    const { element } = Explorer;
    const LEAST = 15; // answers in a bin, of which a share tells anything
    let canvas, text;

    function make(root) {
      text = element("p", { class: "lead" });
      canvas = element("canvas", { class: "fill", role: "img" });
      root.append(text, canvas);
    }

    function draw(state) {
      const { family } = state;
      const place = Explorer.nearest();
      const bins = family.reliability[place].filter((bin) => bin.count >= LEAST);
      const total = family.cloud.labels.length;
      text.textContent =
        state.hide === "calibration"
          ? "On the dashed line, a model that says 70 % is right in 70 % of the cases."
          : `Each dot: answers of about the same probability, larger where there are more of the ${total.toLocaleString("en")} test images. ` +
            "On the dashed line the model keeps its word, below it is too sure.";
      const chart = Explorer.chart(canvas, {
        x: [0, 1],
        y: [0, 1],
        xTicks: [0, 0.25, 0.5, 0.75, 1],
        yTicks: [0, 0.25, 0.5, 0.75, 1],
        xText: (value) => `${100 * value} %`,
        yText: (value) => `${100 * value} %`,
        xTitle: "probability of the class that the model names",
        yTitle: "share that is right",
      });
      chart.pen.setLineDash([6, 6]);
      chart.line([[0, 0], [1, 1]], Explorer.style("--line"), 2);
      chart.pen.setLineDash([]);
      chart.frame();
      if (state.hide === "calibration") return;
      const accent = Explorer.style("--st-primary-color");
      chart.line(bins.map((bin) => [bin.sure, bin.right]), accent);
      for (const bin of bins) chart.dot([bin.sure, bin.right], accent, 4 + 14 * Math.sqrt(bin.count / total));
      const said = bins.map((bin) => `${(100 * bin.sure).toFixed(0)} % sure, ${(100 * bin.right).toFixed(0)} % right`);
      canvas.setAttribute("aria-label", `Reliability diagram: ${said.join("; ")}`);
    }

    return { id: "calibration", title: "Calibration", make, draw };
  })(),
);
