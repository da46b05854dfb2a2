// A canvas to write on with a finger, a pen or a mouse. Strokes go to the program as lists of points [x, y] from 0 to 1,
// to the right and down, after each stroke. Meanwhile the browser reads them itself (app/static/live/writing.js).

const PRECISION = 1000; // a thousandth of the side is finer than any finger
const PEN = 2.6 / 28; // width of a line as a share of the side, as the program draws it

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas");
  const undo = parentElement.querySelector("[data-undo]");
  const clear = parentElement.querySelector("[data-clear]");
  const pen = canvas.getContext("2d");
  // The function runs again with every answer of the program; what is being written must outlive that.
  const memory = (canvas.memory ??= { number: 0 });

  const draw = () => {
    const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, side, side);
    if (memory.background?.complete) pen.drawImage(memory.background, 0, 0, side, side);
    pen.strokeStyle = pen.fillStyle = "#fff";
    pen.lineWidth = side * PEN;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of [...memory.strokes, memory.current ?? []]) {
      if (!stroke.length) continue;
      pen.beginPath();
      pen.moveTo(stroke[0][0] * side, stroke[0][1] * side);
      // A line to where it begins makes a dot.
      for (const [x, y] of [...stroke.slice(1), stroke[stroke.length - 1]]) pen.lineTo(x * side, y * side);
      pen.stroke();
    }
    undo.disabled = !memory.strokes.length;
    clear.disabled = !memory.strokes.length && !memory.background;
  };
  const send = () => {
    memory.number += 1;
    const { version, strokes, cleared, number } = memory;
    setStateValue("written", { version, strokes, cleared, number });
  };
  // To what reads in the browser.
  const tell = () => {
    const { strokes, current, background } = memory;
    const every = current ? [...strokes, current] : strokes;
    document.dispatchEvent(new CustomEvent("pen-moved", { detail: { strokes: every, background } }));
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (value, size) => Math.round(Math.min(1, Math.max(0, value / size)) * PRECISION) / PRECISION;
    return [share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)];
  };

  if (data.version !== memory.version) {
    Object.assign(memory, { version: data.version, strokes: data.strokes ?? [], current: null, cleared: false });
    memory.background = data.background ? Object.assign(new Image(), { src: data.background }) : null;
  }
  memory.answered = data.answered;
  if (memory.answered >= memory.number && !memory.current) {
    const isEmpty = !memory.strokes.length && !memory.background;
    document.dispatchEvent(new CustomEvent("pen-answered", { detail: { isEmpty } }));
  }
  canvas.onpointerenter = () => document.dispatchEvent(new CustomEvent("pen-near"));

  canvas.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    memory.current = [place(event)];
    draw();
    tell();
  };
  canvas.onpointermove = (event) => {
    if (!memory.current) return;
    for (const step of event.getCoalescedEvents?.() ?? [event]) memory.current.push(place(step));
    draw();
    tell();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!memory.current) return;
    memory.strokes = [...memory.strokes, memory.current];
    memory.current = null;
    draw();
    tell();
    send();
  };
  undo.onclick = () => {
    memory.strokes = memory.strokes.slice(0, -1);
    draw();
    tell();
    send();
  };
  clear.onclick = () => {
    Object.assign(memory, { strokes: [], background: null, cleared: true });
    draw();
    send();
  };
  const watcher = new ResizeObserver(draw);
  watcher.observe(canvas);
  if (memory.background) memory.background.onload = draw;
  draw();
  return () => watcher.disconnect();
}
