"""A page without Streamlit that shows components of the app: with data from Python, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from browser_helpers import RANGES, TIMEOUT, draw, swipe

from app.latent_space import plane
from app.widgets import component, figure

SIZE = {"width": 900, "height": 700}


def components_of(show: Callable[[], object]) -> list[dict[str, Any]]:
    """Returns what Streamlit would get for each component that ``show`` shows: HTML, CSS, script, key and data."""
    given: list[dict[str, Any]] = []

    def register(name: str, *, html: str = "", css: str | None = None, js: str = "", isolate_styles: bool = True):
        parts = {"html": html, "css": css or "", "js": js, "isolated": isolate_styles}

        def draw(*, key: str = name, data: object = None, **_: object) -> None:
            given.append({**parts, "key": key, "data": data})

        return draw

    makers = (component.custom_component, component.custom_module, figure._element, plane.element)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(component, "component", register)
        for maker in makers:  # their caches keep the components that they registered with Streamlit
            maker.cache_clear()
        try:
            show()
        finally:
            for maker in makers:
                maker.cache_clear()
    return given


class BarePage:
    """A page that tests use in turn; ``problems`` are the errors and warnings on its console since :meth:`reset`."""

    def __init__(self, tab, address: str) -> None:
        self.tab, self.address, self.problems = tab, address, []
        tab.set_default_timeout(TIMEOUT)
        tab.on("pageerror", lambda error: self.problems.append(str(error)))
        tab.on("console", self._hear)
        self.finger = tab.context.new_cdp_session(tab)
        self.open()

    def _hear(self, message) -> None:
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:  # warns of slowness
            self.problems.append(message.text)

    def open(self, query: str = "") -> None:
        """Reloads the page, so its scripts lose their state."""
        self.tab.goto(f"{self.address}{query}")
        self.tab.wait_for_function("() => window.isReady")

    def reset(self) -> None:
        """Empties the page as if it were new; its scripts stay loaded."""
        self.tab.set_viewport_size(SIZE)
        self.tab.emulate_media(color_scheme="light")
        self.tab.mouse.move(0, 0)
        self.tab.evaluate("() => { delete performance.now; return window.clear(); }")  # a test may have set the clock
        self.problems.clear()

    def mount(self, show: Callable[[], object]) -> None:
        """Puts components on the page, or updates those with the same keys; waits until they are drawn."""
        for part in components_of(show):
            self.tab.evaluate("part => window.mount(part)", part)

    def mount_at_once(self, *shows: Callable[[], object]) -> None:
        """Mounts all components like :meth:`mount`, but does not wait until one is drawn before it mounts the next."""
        parts = [part for show in shows for part in components_of(show)]
        self.tab.evaluate("parts => Promise.all(parts.map((part) => window.mount(part)))", parts)

    def show(self, made, key: str = "figure", alt: str = "dots", **options: Any) -> None:
        """Shows a figure as a page of the app does."""
        self.mount(lambda: figure.show_figure(made, key, alt=alt, **options))

    def told(self, key: str = "figure", count: int = 0) -> list:
        """Waits for ``count`` reports of a component to the program; returns all of them, ``[name, value]`` each."""
        mine = "window.told.filter((one) => one[0] === key)"
        self.tab.wait_for_function(f"([key, count]) => {mine}.length >= count", arg=[key, count])
        return [one[1:] for one in self.tab.evaluate(f"key => {mine}", key)]

    def until(self, condition: str, arg: object = None) -> None:
        """Waits until a JavaScript expression is true. In it, ``plot`` and ``figure`` belong to the key "figure"."""
        names = 'const plot = window.plotOf("figure"), figure = window.figureOf("figure");'
        self.tab.wait_for_function(f"arg => {{ {names} return {condition}; }}", arg=arg)

    def value(self, expression: str, key: str = "figure") -> Any:
        """Returns the value of a JavaScript expression, in which ``plot`` and ``figure`` belong to the key."""
        names = "const plot = window.plotOf(key), figure = window.figureOf(key);"
        return self.tab.evaluate(f"key => {{ {names} return {expression}; }}", key)

    def frames(self, count: int) -> None:
        """Waits until the browser has drawn ``count`` frames."""
        again = "const again = () => (count-- > 0 ? requestAnimationFrame(again) : done()); again();"
        self.tab.evaluate(f"count => new Promise((done) => {{ {again} }})", count)

    def ranges(self, key: str = "figure") -> dict[str, list[float]]:
        """Returns the range of each axis."""
        return self.value(f"({RANGES})(plot)", key)

    def place(self, x: float, y: float, key: str = "figure") -> tuple[float, float]:
        """Returns the position in the window of a point in data coordinates."""
        found = self.tab.evaluate(
            """([key, x, y]) => {
                const plot = window.plotOf(key), box = plot.getBoundingClientRect();
                const { xaxis: across, yaxis: up } = plot._fullLayout;
                const zoom = box.width / plot.offsetWidth;
                return [box.x + zoom * (across._offset + across.d2p(x)), box.y + zoom * (up._offset + up.d2p(y))];
            }""",
            [key, x, y],
        )
        return tuple(found)

    def drag(self, *places: tuple[float, float]) -> None:
        """Draws a line through points of the window, with the mouse button held down."""
        draw(self.tab, places)

    def swipe(self, *places: tuple[float, float]) -> None:
        """Draws a line through points of the window with a finger."""
        swipe(self.tab, *places)

    def take_tool(self, name: str, key: str = "figure") -> None:
        """Clicks a tool of the figure's toolbar: "zoom" or "pan"."""
        self.tab.locator(f'.st-key-{key} .modebar-btn[data-val="{name}"]').click()
