// The test images among the ten Gaussians, in the plane that shows the classes best, for every place of the slider.
Explorer.views.push(
  (() => {
    const { element, context, between, color, tile, picture, style, font } = Explorer;
    let canvas, drawLegend, text;

    function make(root) {
      text = element("p", { class: "lead", "aria-live": "polite" });
      canvas = element("canvas", { class: "fill", role: "img", "aria-label": "Test images in latent space, coloured by class" });
      root.append(text);
      drawLegend = Explorer.legend(root);
      root.append(canvas);
    }

    function draw(state) {
      const { family, only } = state;
      const [classes, total] = [family.classes.length, family.cloud.labels.length];
      drawLegend();
      text.textContent =
        state.gamma === 0
          ? "Trained without labels: every class lies everywhere. Move the slider to the right."
          : "Each dot is a test image where the network puts it; small pictures are images of which more is known on the other pages. Crosses are the means μ of the Gaussians.";
      const { pen, width, height } = context(canvas);
      const points = between(family.cloud.points, total * 2, 0, total * 2);
      const place = Explorer.frame(points, width, height);
      pen.globalAlpha = 0.55;
      const radius = Math.max(1.6, Math.min(width, height) / 260);
      for (let i = 0; i < total; i++) {
        const label = family.cloud.labels[i];
        if (only !== null && label !== only) continue;
        const [x, y] = place(points[2 * i], points[2 * i + 1]);
        pen.fillStyle = color(label, classes);
        pen.beginPath();
        pen.arc(x, y, radius, 0, 2 * Math.PI);
        pen.fill();
      }
      pen.globalAlpha = 1;
      const size = Math.max(20, Math.min(width, height) / 16);
      const images = picture(family, "images");
      const stride = family.count * family.angles * 2;
      for (let i = 0; i < family.count; i++) {
        if (only !== null && family.labels[i] !== only) continue;
        const [x, y] = place(...between(family.path, stride, i * family.angles * 2, 2));
        tile(pen, images, family, 0, i, x - size / 2, y - size / 2, size);
        pen.strokeStyle = color(family.labels[i], classes);
        pen.lineWidth = 2;
        pen.strokeRect(x - size / 2, y - size / 2, size, (size * family.side[0]) / family.side[1]);
      }
      const [means, centers] = [between(family.means, classes * 2, 0, classes * 2), between(family.centers, classes * 2, 0, classes * 2)];
      pen.font = font(700);
      pen.textAlign = "center";
      const free = Explorer.placing(pen);
      for (let k = 0; k < classes; k++) {
        if ((only !== null && k !== only) || classes > 20) continue;
        const [x, y] = place(means[2 * k], means[2 * k + 1]);
        pen.strokeStyle = style("--text");
        pen.lineWidth = 2;
        pen.beginPath();
        pen.moveTo(x - 5, y - 5);
        pen.lineTo(x + 5, y + 5);
        pen.moveTo(x - 5, y + 5);
        pen.lineTo(x + 5, y - 5);
        pen.stroke();
        const [a, b] = free(family.classes[k], ...place(centers[2 * k], centers[2 * k + 1]));
        pen.lineWidth = 4;
        pen.strokeStyle = style("--page");
        pen.strokeText(family.classes[k], a, b);
        pen.fillStyle = style("--text");
        pen.fillText(family.classes[k], a, b);
      }
    }

    return { id: "latent", title: "Latent space", make, draw };
  })(),
);

/** Where a name is drawn: at its place, or as little above or below it as other names leave room. */
Explorer.placing = (pen) => {
  const line = 1.15 * parseFloat(pen.font.match(/[\d.]+px/)[0]);
  const taken = [];
  return (name, x, y) => {
    const half = pen.measureText(name).width / 2 + 4;
    const isFree = (at) => taken.every((box) => Math.abs(box.x - x) >= box.half + half || Math.abs(box.y - at) >= line);
    const steps = [0, ...taken.flatMap((_, n) => [-(n + 1) / 2, (n + 1) / 2])];
    const at = y + line * (steps.find((step) => isFree(y + line * step)) ?? 0);
    taken.push({ x, y: at, half });
    return [x, at];
  };
};

/** From stored coordinates to pixels: the same scale at all places of the slider, so that nothing moves but the images. */
Explorer.frame = (points, width, height) => {
  const family = Explorer.state.family;
  if (!family.reach) {
    const sizes = family.cloud.points.map(Math.abs).sort();
    family.reach = sizes[Math.floor(0.99 * (sizes.length - 1))] || 1;
  }
  const scale = (Math.min(width, height) / 2 - 14) / family.reach;
  return (x, y) => [width / 2 + Math.max(-width / 2 / scale, Math.min(width / 2 / scale, x)) * scale, height / 2 - y * scale];
};
