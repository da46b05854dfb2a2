// An image is turned out of the distribution, and back: do likelihood and posterior notice?
Explorer.views.push(
  (() => {
    const { element, between } = Explorer;
    let drawStrip, big, angle, play, charts, cloud, text, timer;

    function make(root) {
      text = element("p", { class: "lead", "aria-live": "polite" });
      root.append(text);
      drawStrip = Explorer.strip(root);
      big = element("canvas", { class: "big", role: "img" });
      angle = element("input", { type: "range", min: 0, step: 1, "aria-label": "angle" });
      angle.oninput = () => Explorer.set({ angle: Number(angle.value) });
      play = element("button", { type: "button", onclick: () => (timer ? stop() : run()) }, "Play");
      charts = ["bits", "entropy"].map((name) => element("canvas", { class: "chart", role: "img", "data-chart": name }));
      cloud = element("canvas", { class: "square", role: "img", "aria-label": "The way of the image through latent space" });
      const left = element("div", { class: "left" }, big, element("div", { class: "play" }, play, angle));
      root.append(element("div", { class: "pair three" }, left, element("div", { class: "charts" }, ...charts), cloud));
      stop();
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      if (play) play.textContent = "Play";
    }

    function run() {
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (!play.isConnected) return stop();
        Explorer.set({ angle: (Explorer.state.angle + 1) % Explorer.state.family.angles });
      }, 250);
    }

    function curve(canvas, values, chosen, title, limits, band) {
      const chart = Explorer.chart(canvas, {
        title,
        x: [0, values.length],
        y: limits,
        xTicks: [0, 90, 180, 270].map((degrees) => (degrees / 360) * values.length),
        yTicks: limits,
        xText: (value) => `${Math.round((360 * value) / values.length)}°`,
        yText: (value) => value.toFixed(1),
      });
      if (band) {
        chart.pen.fillStyle = Explorer.style("--band");
        chart.pen.fillRect(chart.left, chart.toY(band[1]), chart.right - chart.left, chart.toY(band[0]) - chart.toY(band[1]));
      }
      chart.frame();
      const accent = Explorer.style("--accent");
      chart.line([...values, values[0]].map((value, i) => [i, value]), accent);
      chart.dot([chosen, values[chosen]], accent);
    }

    function draw(state) {
      const { family, image, angle: chosen } = state;
      const [classes, angles] = [family.classes.length, family.angles];
      drawStrip();
      angle.max = angles - 1;
      angle.value = chosen;
      const degrees = Math.round((360 * chosen) / angles);
      angle.setAttribute("aria-valuetext", `${degrees} degrees`);
      const pen = Explorer.context(big);
      Explorer.tile(pen.pen, Explorer.picture(family, "turned"), family, image, chosen, 0, 0, pen.width);
      const name = family.classes[family.labels[image]];
      big.setAttribute("aria-label", `${name}, turned by ${degrees} degrees`);
      const bits = between(family.bits, family.count * angles, image * angles, angles);
      const posterior = between(family.posterior, family.count * angles * classes, image * angles * classes, angles * classes);
      const entropy = Array.from({ length: angles }, (_, a) => {
        const row = posterior.subarray(a * classes, (a + 1) * classes);
        const sum = row.reduce((total, value) => total + value, 0);
        return row.reduce((total, value) => total - (value ? (value / sum) * Math.log(value / sum) : 0), 0);
      });
      const here = posterior.subarray(chosen * classes, (chosen + 1) * classes);
      const best = here.indexOf(Math.max(...here));
      const share = here[best] / here.reduce((total, value) => total + value, 0);
      const band = Explorer.band();
      const isOut = bits[chosen] < band[0] || bits[chosen] > band[1];
      text.textContent =
        `A turn ${family.turn} by ${degrees}°. The likelihood ${isOut ? "notices: out of distribution" : "does not notice: it is still typical"}. ` +
        `The posterior says ${family.classes[best]}, ${(100 * share).toFixed(0)} % sure.`;
      const reach = [Math.min(band[0], ...bits) - 0.1, Math.max(band[1], ...bits) + 0.1];
      curve(charts[0], bits, chosen, "bits/dim (band: typical test images)", reach, band);
      curve(charts[1], entropy, chosen, "entropy of the posterior in nats", [0, Math.log(classes)], null);
      charts[0].setAttribute("aria-label", `bits per dimension over the angle, here ${bits[chosen].toFixed(2)}`);
      charts[1].setAttribute("aria-label", `entropy over the angle, here ${entropy[chosen].toFixed(2)} nats`);
      drawCloud(family, image, chosen);
    }

    function drawCloud(family, image, chosen) {
      const { pen, width, height } = Explorer.context(cloud);
      const [total, classes, angles] = [family.cloud.labels.length, family.classes.length, family.angles];
      const points = between(family.cloud.points, total * 2, 0, total * 2);
      const place = Explorer.frame(points, width, height);
      pen.globalAlpha = 0.35;
      for (let i = 0; i < total; i++) {
        const [x, y] = place(points[2 * i], points[2 * i + 1]);
        pen.fillStyle = Explorer.color(family.cloud.labels[i], classes);
        pen.fillRect(x - 1, y - 1, 2, 2);
      }
      pen.globalAlpha = 1;
      const path = between(family.path, family.count * angles * 2, image * angles * 2, angles * 2);
      pen.strokeStyle = Explorer.style("--accent");
      pen.lineWidth = 2;
      pen.beginPath();
      for (let a = 0; a <= angles; a++) pen.lineTo(...place(path[2 * (a % angles)], path[2 * (a % angles) + 1]));
      pen.stroke();
      const [x, y] = place(path[2 * chosen], path[2 * chosen + 1]);
      const size = Math.max(24, width / 9);
      Explorer.tile(pen, Explorer.picture(family, "turned"), family, image, chosen, x - size / 2, y - size / 2, size);
      pen.strokeRect(x - size / 2, y - size / 2, size, size);
    }

    return { id: "turn", title: "Out of distribution", make, draw };
  })(),
);
