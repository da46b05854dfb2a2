// Play, pause and the slider of a figure with frames: controls of HTML, which a keyboard and a screen reader reach, and
// which no saved picture shows. The frame that is shown stays in the URL.

const TRIANGLE = "M7 4l13 8-13 8z";
const BARS = "M6 4h4v16H6zM14 4h4v16h-4z";
const GAP = 8; // CSS pixels between two names
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const DRAWN = 2; // frames of the browser in which one of the figure's is drawn
const WAIT = 500; // ms after which a frame that is still shown goes into the URL

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(`[data-${name}]`);
  const [button, slider] = [find("play"), find("slider")];
  const memory = (slider.memory ??= { frame: 0, isPlaying: false, isLoop: false, speed: 1 });
  memory.forget?.();
  const last = data.labels.length - 1;
  const timing = {
    frame: { duration: 0, redraw: data.redraw },
    transition: { duration: 0 },
    mode: "immediate",
  };

  const show = () => {
    slider.value = memory.frame;
    slider.setAttribute("aria-valuetext", data.labels[memory.frame] ?? "");
    find("now").textContent = data.labels[memory.frame] ?? "";
    find("icon").setAttribute("d", memory.isPlaying ? BARS : TRIANGLE);
    find("label").textContent = memory.isPlaying ? "Pause" : "Play";
    find("speed").textContent = `${memory.speed} ×`;
    find("loop").setAttribute("aria-pressed", memory.isLoop);
  };
  const keep = () => {
    clearTimeout(memory.waiting);
    memory.waiting = setTimeout(() => {
      const text = String(memory.frame);
      if (memory.isPlaying || memory.told.at(-1) === text) return;
      memory.told.push(text);
      keepInUrl("frame", memory.frame ? text : "");
      setTriggerValue("frame", text);
    }, WAIT);
  };
  const draw = (frame) => {
    memory.frame = frame;
    if (memory.plot) call(memory.plot, "animate", [[String(frame)], timing]);
    show();
  };
  const pause = () => {
    cancelAnimationFrame(memory.coming);
    memory.isPlaying = false;
    keep();
  };
  const goTo = (frame) => {
    pause();
    draw(Math.max(0, Math.min(last, frame)));
  };
  // One frame after the other. Given them all at once, Plotly begins the next one at its time, though the last may not
  // be drawn yet, and then never is.
  const run = () => {
    cancelAnimationFrame(memory.coming);
    const due = performance.now() + data.milliseconds / memory.speed;
    let count = 0;
    const wait = () => {
      count += 1;
      if (count < DRAWN || performance.now() < due) memory.coming = requestAnimationFrame(wait);
      else next();
    };
    memory.coming = requestAnimationFrame(wait);
  };
  const next = () => {
    if (memory.frame === last && !memory.isLoop) {
      pause();
      show();
    } else {
      draw(memory.frame < last ? memory.frame + 1 : 0);
      run();
    }
  };
  const turn = () => {
    if (!memory.plot) return;
    if (memory.isPlaying) pause();
    else {
      memory.isPlaying = true;
      if (memory.frame === last) draw(0);
      run();
    }
    show();
  };
  const setSpeed = (speed) => {
    memory.speed = speed ?? memory.speed;
    if (memory.isPlaying) run();
    show();
  };
  const turnLoop = () => {
    memory.isLoop = !memory.isLoop;
    show();
  };
  const jump = (direction) => {
    const stops = data.stops.map(([frame]) => frame);
    const next = direction > 0 ? stops.find((at) => at > memory.frame) : stops.findLast((at) => at < memory.frame);
    goTo(next ?? (direction > 0 ? last : 0));
  };

  // What the program knows from the URL moves the slider; what it was told from here does not.
  if (memory.about !== data.about || !isEcho(memory, data.frame)) {
    const frame = Math.min(last, Number(data.frame));
    Object.assign(memory, { about: data.about, told: [data.frame], frame, plot: null });
  }
  slider.max = last;
  const count = Math.max(1, last);
  const marks = data.stops.map(([frame, name]) => {
    const mark = document.createElement("span");
    mark.style.left = `${(100 * frame) / count}%`;
    mark.appendChild(document.createElement("span")).textContent = name;
    return mark;
  });
  find("stops").replaceChildren(...marks);
  // Of the names, those for which there is room: the ends before the one that is to be first, and that before the rest.
  const fit = () => {
    const names = marks.map((mark) => mark.firstChild);
    for (const name of names) name.hidden = false;
    const boxes = names.map((name) => name.getBoundingClientRect());
    const first = names.findIndex((name) => name.textContent === data.first);
    const taken = [];
    for (const index of new Set([0, names.length - 1, first, ...names.keys()])) {
      if (!names[index]) continue;
      const { left, right } = boxes[index];
      names[index].hidden = taken.some((box) => left < box.right + GAP && box.left < right + GAP);
      if (!names[index].hidden) taken.push(boxes[index]);
    }
  };
  const watch = new ResizeObserver(fit);
  watch.observe(slider);
  // The page draws a figure anew now and then, at its first frame.
  const attach = () => {
    const plot = plotOf(data.chart);
    if (!plot || plot.isDrawing || plot._transitionData?._frames.length !== data.labels.length) return;
    if (plot === memory.plot && firstOf(plot) === memory.first) return;
    Object.assign(memory, { plot, first: firstOf(plot), isPlaying: memory.isPlaying && plot === memory.plot });
    if (memory.frame) draw(memory.frame);
    else show();
    if (memory.isPlaying) run();
  };
  const clock = setInterval(attach, 150);
  document.addEventListener("figure-drawn", attach);
  attach();
  show();
  if (memory.isPlaying && memory.plot && !memory.plot.isDrawing) run(); // this function runs again with each answer
  button.onclick = turn;
  find("more").hidden = !data.is_on_stage;
  find("back").onclick = () => goTo(memory.frame - 1);
  find("on").onclick = () => goTo(memory.frame + 1);
  find("loop").onclick = turnLoop;
  find("speed").onclick = () => setSpeed(SPEEDS[(SPEEDS.indexOf(memory.speed) + 1) % SPEEDS.length]);
  slider.oninput = () => goTo(Number(slider.value));
  slider.onkeydown = (event) => {
    const direction = { PageUp: 1, PageDown: -1 }[event.key];
    if (direction) jump(direction);
    else if (event.key === "Enter" || event.key === " ") turn();
    else return;
    event.preventDefault();
  };
  // From the keys of a page on stage: P plays, and a clicker goes from model to model where nothing else does.
  const step = (event) => data.follows_clicker && jump(event.detail);
  const change = (event) => {
    const place = SPEEDS.indexOf(memory.speed);
    const changes = {
      ",": () => goTo(memory.frame - 1),
      ".": () => goTo(memory.frame + 1),
      "-": () => setSpeed(SPEEDS[place - 1]),
      "+": () => setSpeed(SPEEDS[place + 1]),
      l: turnLoop,
    };
    changes[event.detail]?.();
  };
  document.addEventListener("play-figure", turn);
  document.addEventListener("change-player", change);
  document.addEventListener("step-gamma", step);
  memory.forget = () => {
    cancelAnimationFrame(memory.coming);
    clearInterval(clock);
    watch.disconnect();
    document.removeEventListener("figure-drawn", attach);
    document.removeEventListener("play-figure", turn);
    document.removeEventListener("change-player", change);
    document.removeEventListener("step-gamma", step);
  };
  return () => memory.forget();
}
