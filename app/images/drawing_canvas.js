// A canvas to write on with a finger, a pen or a mouse. After each stroke all strokes go to the program, as lists of
// points [x, y] from 0 to 1, to the right and down.

const PRECISION = 1000; // a thousandth of the side is finer than any finger

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas");
  const undo = parentElement.querySelector("[data-undo]");
  const clear = parentElement.querySelector("[data-clear]");
  const pen = canvas.getContext("2d");
  // The function runs again with every answer of the program; what is being written must outlive that.
  const memory = (canvas.memory ??= { strokes: data.strokes ?? [], current: null, version: data.version });
  const isReplaced = data.version !== memory.version;
  if (isReplaced) Object.assign(memory, { strokes: data.strokes ?? [], current: null, version: data.version });

  const draw = () => {
    const side = canvas.clientWidth * (window.devicePixelRatio || 1);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, side, side);
    pen.strokeStyle = pen.fillStyle = "#fff";
    pen.lineWidth = side * 0.08;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of [...memory.strokes, memory.current ?? []]) {
      if (!stroke.length) continue;
      pen.beginPath();
      pen.moveTo(stroke[0][0] * side, stroke[0][1] * side);
      // A line to where it begins makes a dot.
      for (const [x, y] of [...stroke.slice(1), stroke[stroke.length - 1]]) pen.lineTo(x * side, y * side);
      pen.stroke();
    }
    undo.disabled = clear.disabled = !memory.strokes.length;
  };
  const send = () => setStateValue("strokes", memory.strokes);
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (value, size) => Math.round(Math.min(1, Math.max(0, value / size)) * PRECISION) / PRECISION;
    return [share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)];
  };

  canvas.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    memory.current = [place(event)];
    draw();
  };
  canvas.onpointermove = (event) => {
    if (!memory.current) return;
    for (const step of event.getCoalescedEvents?.() ?? [event]) memory.current.push(place(step));
    draw();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!memory.current) return;
    memory.strokes = [...memory.strokes, memory.current];
    memory.current = null;
    draw();
    send();
  };
  undo.onclick = () => {
    memory.strokes = memory.strokes.slice(0, -1);
    draw();
    send();
  };
  clear.onclick = () => {
    memory.strokes = [];
    draw();
    send();
  };
  const watcher = new ResizeObserver(draw);
  watcher.observe(canvas);
  draw();
  if (isReplaced) send(); // what Python holds is still what was written before
  return () => watcher.disconnect();
}
