"""Ten people at once: exceptions, waiting times and the server's memory.

    python benchmarks/app_load.py [--people 10] [--seconds 300] [--interval 3]

Each person is a client that speaks the browser's protocol over a websocket: every three seconds it goes to another
page, with another image, or changes a control that the page has just shown: models, classes, seeds, sliders, views.
The server is the app's own, in a process of its own; a script around `app/main.py` counts how often a model is loaded.

The status is 1 after an exception, in a page or in the server's log, if a model was loaded twice, or if memory does not
level off: on average over the last fifth of the time it may be at most 5 % above the middle fifth.
"""

import argparse
import asyncio
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.screenshots import serving  # noqa: E402

GROWTH = 0.05  # of the memory, from the middle fifth to the last
WALKS = 0.25  # share of interactions that go to another page
PATIENCE = 120  # seconds that a person waits for a page
IMAGES = {"": "image", "interpolate": "from", "inspect": "image", "out-of-distribution": "image"}  # URL parameters
WIDGETS = ("number_input", "slider", "selectbox", "button_group", "checkbox")
COUNTING = """
import os, runpy, sys

sys.path.insert(0, {root!r})
import ibinn_core

if not hasattr(ibinn_core, "load_uncounted"):  # once for all sessions
    ibinn_core.load_uncounted = ibinn_core.load

    def load(checkpoint):
        print("LOADED", getattr(checkpoint, "id", checkpoint), flush=True)
        return ibinn_core.load_uncounted(checkpoint)

    ibinn_core.load = load
    print("SERVER", os.getpid(), flush=True)
runpy.run_path({main!r}, run_name="__main__")
"""


class Answer(NamedTuple):
    """What one interaction came to: seconds until the script had finished, on a page."""

    seconds: float
    page: str


class Person:
    """A client of the app.

    Attributes:
        answers: of its interactions.
        exceptions: that it was shown.
    """

    def __init__(self, number: int):
        self.answers: list[Answer] = []
        self.exceptions: list[str] = []
        self._random = random.Random(number)
        self._pages: dict[str, str] = {}  # path by hash
        self._page = ""  # its hash
        self._query = ""
        self._shown: dict[str, tuple[str, object]] = {}  # widgets of the page: kind and protobuf, by id
        self._set: dict[str, object] = {}  # WidgetState by id
        self._hashes: dict[str, None] = {}  # of large messages, which a browser keeps

    async def use(self, address: str, begin: float, end: float, interval: float) -> None:
        """Opens the app and does something in every interval."""
        from websockets.asyncio.client import connect

        await asyncio.sleep(max(0.0, begin - time.monotonic()))
        stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
        async with connect(stream, subprotocols=["streamlit"], max_size=None) as self._socket:
            await self._ask()
            due = begin + interval
            while due < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due = max(due, time.monotonic()) + interval
                await self._act()

    async def _act(self) -> None:
        if self._random.random() < WALKS or not self._shown:
            self._page = self._random.choice([page for page in self._pages if page != self._page])
            parameter = IMAGES.get(self._pages[self._page])
            self._query = f"{parameter}=sample-{self._random.randrange(20)}" if parameter else ""
            self._set.clear()
        else:
            kind, widget = self._random.choice(list(self._shown.values()))
            self._set[widget.id] = changed(kind, widget, self._set.get(widget.id), self._random)
        await self._ask()

    async def _ask(self) -> None:
        """Has the script run, and waits for its end."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        state = message.rerun_script
        state.page_script_hash, state.query_string = self._page, self._query
        state.widget_states.widgets.extend(value for id, value in self._set.items() if id in self._shown)
        state.cached_message_hashes.extend(self._hashes)
        start = time.monotonic()
        await self._socket.send(message.SerializeToString())
        try:
            async with asyncio.timeout(PATIENCE):
                await self._listen()
        except TimeoutError:
            self.exceptions.append(f"no answer within {PATIENCE} s")
        self.answers.append(Answer(time.monotonic() - start, self._pages.get(self._page, "?")))

    async def _listen(self) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        async for data in self._socket:
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session" and not message.metadata.run.fragment_ids:
                self._shown.clear()
            elif kind == "navigation":
                self._pages = {page.page_script_hash: page.url_pathname for page in message.navigation.app_pages}
                self._pages |= {page.page_script_hash: "" for page in message.navigation.app_pages if page.is_default}
                self._page = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._see(message)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return
        raise ConnectionError("the server has closed the connection")

    def _see(self, message) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if message.metadata.cacheable:
            self._hashes[message.hash] = None
            while len(self._hashes) > 40:
                del self._hashes[next(iter(self._hashes))]
        if kind == "exception" and not element.exception.is_warning:
            path = self._pages.get(self._page)
            self.exceptions.append(f"/{path}: {element.exception.type}: {element.exception.message}")
        elif kind in WIDGETS and not getattr(element, kind).disabled:
            self._shown[getattr(element, kind).id] = kind, getattr(element, kind)


def changed(kind: str, widget, previous, chance: random.Random):
    """Another state of a widget.

    Arguments:
        kind: which of ``WIDGETS``.
        widget: its protobuf.
        previous: the state that the person gave it before, or ``None``.
        chance: draws the new one.
    """
    from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    state = WidgetState(id=widget.id)
    if kind == "number_input":
        state.double_value = chance.randint(int(widget.min), int(widget.max))
    elif kind == "slider" and widget.options:
        state.string_array_value.data.append(chance.choice(widget.options))
    elif kind == "slider":
        steps = chance.randint(0, round((widget.max - widget.min) / widget.step))
        state.double_array_value.data.append(min(widget.max, widget.min + steps * widget.step))
    elif kind == "selectbox":
        state.string_value = chance.choice(widget.options)
    elif kind == "checkbox":
        before = previous.bool_value if previous else widget.value if widget.set_value else widget.default
        state.bool_value = not before
    else:
        options = [option.content for option in widget.options]
        chosen = chance.choice(options)
        state.string_array_value.data.append(chosen)
        if widget.click_mode == ButtonGroup.MULTI_SELECT:
            given = widget.raw_values if widget.set_value else [options[i] for i in widget.default]
            before = list(previous.string_array_value.data if previous else given)
            after = [o for o in options if (o in before) != (o == chosen)]
            state.string_array_value.data[:] = after or [chosen]
    return state


# The server -------------------------------------------------------------------------------------------


def script_in(folder: Path) -> Path:
    """The script that the server runs: the app, with its settings beside it, and models counted."""
    shutil.copytree(ROOT / "app" / ".streamlit", folder / ".streamlit")
    script = folder / "main.py"
    script.write_text(COUNTING.format(root=str(ROOT), main=str(ROOT / "app" / "main.py")))
    return script


def resident(log: Path) -> float | None:
    """Resident memory of the server in MiB, once it has run the script."""
    server = re.search(r"^SERVER (\d+)$", log.read_text(), re.MULTILINE)
    if server is None:
        return None
    status = Path(f"/proc/{server[1]}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


async def watch(log: Path, begin: float, end: float, every: float) -> list[tuple[float, float]]:
    """Seconds and MiB, again and again."""
    seen = []
    for due in (begin + i * every for i in range(1, int((end - begin) / every) + 1)):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        memory = resident(log)
        if memory is not None:
            seen.append((time.monotonic() - begin, memory))
    return seen


async def load(address: str, log: Path, options: argparse.Namespace) -> tuple[list[Person], list[tuple[float, float]]]:
    """All people at once; and the server's memory meanwhile."""
    people = [Person(number) for number in range(options.people)]
    begin = time.monotonic()
    end = begin + options.seconds
    async with asyncio.TaskGroup() as group:
        memory = group.create_task(watch(log, begin, end, options.every))
        for number, person in enumerate(people):
            first = begin + number * options.interval / options.people
            group.create_task(person.use(address, first, end, options.interval))
    return people, memory.result()


# The report -------------------------------------------------------------------------------------------


def fifths(values: list[float]) -> tuple[float, float] | None:
    """Means of the middle and the last fifth; ``None`` where there are too few for that."""
    size = len(values) // 5
    if not size:
        return None
    middle = (len(values) - size) // 2
    return statistics.fmean(values[middle : middle + size]), statistics.fmean(values[-size:])


def waiting(seconds: list[float]) -> str:
    """Median and 95th percentile."""
    late = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return f"{len(seconds):>13}{statistics.median(seconds):>11.2f} s{late:>11.2f} s"


def report_waiting(answers: list[Answer]) -> None:
    """A line a page, and one for all."""
    print(f"{'page':<22}{'interactions':>13}{'median':>13}{'95 %':>13}")
    for path in sorted({answer.page for answer in answers}):
        print(f"{'/' + path:<22}" + waiting([answer.seconds for answer in answers if answer.page == path]))
    print(f"{'all':<22}" + waiting([answer.seconds for answer in answers]))


def levels_off(memory: list[tuple[float, float]]) -> bool:
    """Prints the server's memory and whether it levels off; too few numbers do not tell, and pass."""
    print(f"\n{'time':>7}{'resident':>12}")
    for seconds, size in memory:
        print(f"{seconds:>5.0f} s{size:>8.0f} MiB")
    both = fifths([size for _, size in memory])
    if both is None:
        print("Too short a time to say whether memory levels off.")
        return True
    growth = both[1] / both[0] - 1
    holds = growth <= GROWTH
    print(f"From the middle fifth to the last {growth:+.1%}, at most {GROWTH:.0%}: {'holds' if holds else 'BROKEN'}")
    return holds


def loaded_once(text: str) -> bool:
    """Prints how often each model was loaded, by the log."""
    loads = Counter(re.findall(r"^LOADED (\S+)$", text, re.MULTILINE))
    print("Models loaded: " + ", ".join(f"{model} {count}×" for model, count in sorted(loads.items())))
    return all(count == 1 for count in loads.values())


def main() -> int:
    """Lets people in, reports, and says whether all went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--interval", type=float, default=3, help="seconds between interactions of a person")
    parser.add_argument("--every", type=float, default=15, help="seconds between looks at the memory")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(log, script_in(Path(folder))) as address:
            people, memory = asyncio.run(load(address, log, options))
        text = log.read_text()
    report_waiting([answer for person in people for answer in person.answers])
    shown = Counter(exception for person in people for exception in person.exceptions)
    logged = Counter(line for line in text.splitlines() if "Traceback" in line or "Exception" in line)
    calm = levels_off(memory)
    once = loaded_once(text)
    print(f"Exceptions: {shown.total()} in pages, {text.count('Traceback (most recent call last)')} in the log")
    for exception, count in (shown + logged).most_common():
        print(f"  {count}× {exception}")
    if logged:
        print(text[text.find("Traceback") :][:3000])
    return int(bool(shown or logged) or not calm or not once)


if __name__ == "__main__":
    sys.exit(main())
