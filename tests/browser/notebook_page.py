"""A page that shows a widget as a notebook does: it speaks anywidget's protocol with the widget's Python."""

import base64
import json
from typing import Any

import numpy as np
from browser_helpers import TIMEOUT, listen

from app.palette import ACCENT

PAGE = """<!doctype html><meta charset="utf-8"><title>Notebook</title><link rel="icon" href="data:,">
<style>
  body { margin: 1rem; font: 14px sans-serif; background: #fff; color: #1f2733; }
  body.dark { background: #111; color: #ddd; }
</style><body><div id="output"></div>"""

#: The model that anywidget gives to a widget's script: Python's traits, and messages.
MODEL = """
window.begin = async (esm, css, state) => {
  const view = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const plain = (value) => (value && typeof value === "object" && "base64" in value ? view(value.base64) : value);
  const values = Object.fromEntries(Object.entries(state).map(([name, value]) => [name, plain(value)]));
  const heard = new Map();
  const tell = (event, ...given) => [...(heard.get(event) ?? [])].forEach((callback) => callback(...given));
  let changes = {};
  const put = (found) => {
    for (const [name, value] of Object.entries(found)) values[name] = plain(value);
    for (const name of Object.keys(found)) tell(`change:${name}`);
  };
  window.put = put;
  window.model = {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = changes[name] = value;
      tell(`change:${name}`);
    },
    save_changes: async () => {
      const given = changes;
      changes = {};
      put(await window.saved(given));
    },
    send: async (content) => {
      const { content: answer, buffers } = await window.asked(content);
      tell("msg:custom", answer, buffers.map(view));
    },
    on: (event, callback) => heard.set(event, [...(heard.get(event) ?? []), callback]),
    off: (event, callback) => heard.set(event, (heard.get(event) ?? []).filter((one) => one !== callback)),
  };
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const { default: widget } = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  window.leave = await widget.render({ model: window.model, el: document.querySelector("#output") });
};
"""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class NotebookPage:
    """A widget of this process, shown in a tab; ``asked`` has its questions to the kernel, in order."""

    def __init__(self, tab, widget) -> None:
        self.tab, self.widget, self.problems, self.asked = tab, widget, listen(tab), []
        self._known: dict[str, str] = {}
        tab.set_default_timeout(TIMEOUT)
        tab.set_content(PAGE)
        tab.expose_function("asked", self._asked)
        tab.expose_function("saved", self._saved)
        tab.evaluate(f"() => {{ {MODEL} }}")
        state = self._changed()
        self.tab.evaluate("([esm, css, state]) => window.begin(esm, css, state)", [widget._esm, widget._css, state])
        self.settle()

    def _changed(self) -> dict[str, Any]:
        """Returns the part of the widget's state that has changed since the last call."""
        state = {name: value for name, value in self.widget.get_state().items() if name[:7] not in ("_esm", "_css")}
        plain = {n: {"base64": _text(bytes(v))} if isinstance(v, bytes | memoryview) else v for n, v in state.items()}
        texts = {name: json.dumps(value, default=str) for name, value in plain.items()}
        changed = {name: plain[name] for name, text in texts.items() if self._known.get(name) != text}
        self._known = texts
        return json.loads(json.dumps(changed, default=str))

    def _saved(self, changes: dict[str, Any]) -> dict[str, Any]:
        self.widget.set_state(changes)
        return self._changed()

    def _asked(self, content: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(content)
        answers: list[dict[str, Any]] = []
        self.widget.send = lambda found, buffers: answers.append(
            {"content": found, "buffers": [_text(one) for one in buffers]}
        )
        self.widget._hear(self.widget, content, [])
        return answers[0]

    def set(self, name: str, value: Any) -> None:
        """Sets a trait of the widget, as a cell of a notebook does."""
        setattr(self.widget, name, value)
        self.tab.evaluate("found => window.put(found)", self._changed())

    def settle(self) -> None:
        """Waits until the browser has drawn all changes."""
        self.tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Returns the position in the window of a point of the plane, before any zoom."""
        left, top, side = self.tab.evaluate(
            """() => {
                const canvas = document.querySelector("[data-canvas]"), { x, y } = canvas.getBoundingClientRect();
                return [x + canvas.clientLeft, y + canvas.clientTop, canvas.clientWidth];
            }"""
        )
        low, high = np.array(self.widget._frame)
        across, up = ((x, y) - (low + high) / 2) / (1.06 * (high - low).max())  # leaves room for marks at the edge
        return left + side * (0.5 + across), top + side * (0.5 - up)

    def wait_for_star(self, x: float, y: float) -> None:
        """Waits until the star is at a point of the plane, where a name may cover its centre."""
        self.until(
            """(() => {
                const canvas = document.querySelector("[data-canvas]");
                const { x, y, width } = canvas.getBoundingClientRect();
                const [left, top] = [arg[0] - x, arg[1] - y].map((one) => Math.round((one * canvas.width) / width));
                const pixels = canvas.getContext("2d").getImageData(left - 2, top - 2, 5, 5).data;
                return String(pixels).includes(`${arg[2]},255`);
            })()""",
            [*self.place(x, y), ",".join(str(int(ACCENT[at : at + 2], 16)) for at in (1, 3, 5))],
        )

    def until(self, condition: str, arg: object = None) -> None:
        """Waits until a JavaScript expression is true. It may use ``model``."""
        self.tab.wait_for_function(f"arg => {{ const {{ model }} = window; return {condition}; }}", arg=arg)
