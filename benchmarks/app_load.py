"""Simulates a lecture hall on one computer: waiting times, errors and memory with many users at once.

    python benchmarks/app_load.py [--people 10 30 100 200:20] [--seconds 120] [--interval 3]
    python benchmarks/app_load.py --root ../older ...            # another version of the app, for comparison

Each person is a client that speaks the browser's protocol over a websocket. Every three seconds it opens another page
with another image, or changes a control of its page: a model, a class, a seed or a slider. ``200:20`` means that 200
people open the app, 20 keep using it, and the others only read. The server is the app's own. It runs in other processes
than the people. Only waiting times in the second half count. Those for each person's first page are reported
separately, as "opening". Memory and processor time are those of the server and of the processes that compute for it.

On a busy computer, compare versions by processor time per interaction, not by waiting times. The exit status is 1
after an exception in a page or in the server's log. It is also 1 if memory grows: its mean in the last fifth of the
time may be at most 5 % above its mean in the middle fifth. ``--json FILE`` and ``--markdown FILE`` store the numbers.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.screenshots import serving  # noqa: E402

GROWTH = 0.05  # allowed growth of memory from the middle fifth to the last
WALKS = 0.25  # share of interactions that go to another page
PATIENCE = 120  # seconds that a person waits for a page
IMAGES = {"": "image", "explore": "first", "test-an-image": "tab=judge&image"}  # URL parameters
WIDGETS = ("number_input", "slider", "selectbox", "button_group", "checkbox")
NAMING = """
import os, runpy, sys

sys.path.insert(0, {root!r})
import ibinn_core

if not hasattr(ibinn_core, "is_named"):  # once for all sessions
    ibinn_core.is_named = True
    print("SERVER", os.getpid(), flush=True)
runpy.run_path({main!r}, run_name="__main__")
"""


class Answer(NamedTuple):
    """One interaction and its waiting time."""

    when: float  # start, in seconds since the measurement began
    seconds: float  # seconds until the script finished
    page: str  # name of the page
    is_first: bool  # whether the interaction opened the app


class Person:
    """A simulated user of the app.

    Arguments:
        number: the seed of the user's actions.
        begin: start of the measurement on the monotonic clock.

    Attributes:
        answers: the interactions so far.
        exceptions: the exceptions shown to the user.
    """

    def __init__(self, number: int, begin: float):
        self.answers: list[Answer] = []
        self.exceptions: list[str] = []
        self._begin = begin
        self._random = random.Random(number)
        self._pages: dict[str, str] = {}  # paths by page hash
        self._page = ""  # hash of the page
        self._query = ""
        self._shown: dict[str, tuple[str, object]] = {}  # kind and protobuf of the page's widgets, by id
        self._set: dict[str, object] = {}  # WidgetState by id
        self._hashes: dict[str, None] = {}  # hashes of large messages, which a browser caches

    @contextlib.asynccontextmanager
    async def _connected(self, address: str, first: float):
        """Waits until ``first``, then opens a connection."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        await asyncio.sleep(max(0.0, first - time.monotonic()))
        stream = f"ws://{urlsplit(address).netloc}/_stcore/stream"
        async with connect(stream, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE) as self._socket:
            try:
                await self._ask(is_first=True)
                yield
            except (OSError, ConnectionClosed) as error:
                self.exceptions.append(f"lost the connection: {error}")

    async def use(self, address: str, first: float, end: float, interval: float) -> None:
        """Opens the app and interacts once in every interval."""
        async with self._connected(address, first):
            due = first + interval
            while due < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due = max(due, time.monotonic()) + interval
                await self._act()

    async def read(self, address: str, first: float, end: float) -> None:
        """Opens the app and leaves it open."""
        async with self._connected(address, first):
            await asyncio.sleep(max(0.0, end - time.monotonic()))

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

    async def _ask(self, is_first: bool = False) -> None:
        """Starts a run of the script and waits for its end."""
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
        path = self._pages.get(self._page, "?")
        self.answers.append(Answer(start - self._begin, time.monotonic() - start, path, is_first))

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
            elif kind == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
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
    """Returns another state of a widget.

    Arguments:
        kind: one of ``WIDGETS``.
        widget: the widget's protobuf.
        previous: the previous state that the user set, or ``None``.
        chance: random numbers for the new state.
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


def script_in(folder: Path, root: Path) -> Path:
    """Writes the app's settings, and a script for the server that prints the server's process id and runs the app."""
    shutil.copytree(root / "app" / ".streamlit", folder / ".streamlit")
    script = folder / "main.py"
    script.write_text(NAMING.format(root=str(root), main=str(root / "app" / "main.py")))
    return script


@contextlib.contextmanager
def served(root: Path) -> Iterator[tuple[str, Path]]:
    """Serves the app; yields its address and its log."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(log, script_in(Path(folder), root)) as address:
            yield address, log


class Used(NamedTuple):
    """Memory and processor time of the server's processes."""

    memory: float  # memory in MiB; shared memory counts once
    processor: float  # seconds so far


def used(log: Path) -> Used | None:
    """Measures the server and its processes; ``None`` before the script's first run."""
    server = re.search(r"^SERVER (\d+)$", log.read_text(), re.MULTILINE)
    if not server:
        return None
    found = []
    process = psutil.Process(int(server[1]))
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            # Shared memory is split among the processes, since all of them use one copy of PyTorch's code.
            found.append((one.memory_full_info().pss / 2**20, times.user + times.system))
    return Used(*map(sum, zip(*found, strict=True))) if found else None


async def watch(log: Path, begin: float, end: float, every: float) -> list[tuple[float, Used]]:
    """Measures memory and processor time at regular intervals; returns the values with their times in seconds."""
    seen = []
    for due in (begin + i * every for i in range(1, int((end - begin) / every) + 1)):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        now = used(log)
        if now is not None:
            seen.append((time.monotonic() - begin, now))
    return seen


class Hall(NamedTuple):
    """How many people are in the hall, and how many of them use the app."""

    people: int  # all who open the app
    active: int  # those who keep using it

    @classmethod
    def of(cls, text: str) -> "Hall":
        """Reads ``"200:20"``, or ``"30"`` if all are active."""
        people, _, active = text.partition(":")
        return cls(int(people), int(active or people))


async def fill(
    hall: Hall, address: str, log: Path, options: argparse.Namespace
) -> tuple[list[Person], list[tuple[float, Used]], float]:
    """Runs all users at once. Returns users, use of memory and processor, and memory 30 seconds later."""
    begin = time.monotonic()
    end = begin + options.seconds
    people = [Person(number, begin) for number in range(hall.people)]
    async with asyncio.TaskGroup() as group:
        seen = group.create_task(watch(log, begin, end, options.every))
        for number, person in enumerate(people):
            first = begin + number * options.opening / hall.people
            if number < hall.active:
                group.create_task(person.use(address, first, end, options.interval))
            else:
                group.create_task(person.read(address, first, end))
    await asyncio.sleep(30)
    after = used(log)
    return people, seen.result(), after.memory if after else 0.0


# The report -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Waiting times in seconds."""

    interactions: int
    median: float
    late: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Waiting | None":
        """Computes the median and the 95th percentile; ``None`` without values."""
        if not seconds:
            return None
        late = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        return cls(len(seconds), round(statistics.median(seconds), 3), round(late, 3))


@dataclass(frozen=True)
class Report:
    """The results for one hall."""

    people: int  # people who opened the app
    active: int  # people who kept using it
    opening: Waiting | None  # waiting times for the first page
    settled: Waiting | None  # waiting times for interactions in the second half
    pages: dict[str, Waiting | None]  # these waiting times by page
    processor: float | None  # milliseconds of processor time per interaction, in the second half
    memory: float  # memory at the end, in MiB
    left: float  # MiB 30 seconds after everybody has left
    growth: float | None  # of memory, from the middle fifth of the time to the last; None if the time is too short
    errors: dict[str, int]  # count of each error that was shown or logged

    @property
    def a_person(self) -> float:
        """Computes the MiB per person that the server freed after all had left."""
        return (self.memory - self.left) / self.people

    @property
    def is_good(self) -> bool:
        """Checks for errors and growing memory. Waiting times do not count, since they depend on the computer."""
        return not self.errors and (self.growth or 0) <= GROWTH


def growth_of(values: list[float]) -> float | None:
    """Computes the growth from the mean of the middle fifth to the mean of the last; ``None`` for too few values."""
    size = len(values) // 5
    if not size:
        return None
    middle = (len(values) - size) // 2
    return statistics.fmean(values[-size:]) / statistics.fmean(values[middle : middle + size]) - 1


def report_on(
    hall: Hall,
    people: list[Person],
    seen: list[tuple[float, Used]],
    left: float,
    log: Path,
    options: argparse.Namespace,
) -> Report:
    """Summarises the measurements of a hall."""
    half = options.seconds / 2
    answers = [a for person in people[: hall.people] for a in person.answers]
    later = [a for a in answers if a.when >= half and not a.is_first]
    second = [one for when, one in seen if when >= half]
    errors = Counter(exception for person in people for exception in person.exceptions)
    errors.update(line for line in log.read_text().splitlines() if "Traceback" in line or "Exception" in line)
    processor = None
    if later and len(second) > 1:
        spent = second[-1].processor - second[0].processor
        share = (len(second) - 1) * options.every / half
        processor = round(1000 * spent / max(1.0, len(later) * share), 1)
    return Report(
        hall.people,
        hall.active,
        Waiting.of([a.seconds for a in answers if a.is_first]),
        Waiting.of([a.seconds for a in later]),
        {
            f"/{path}": Waiting.of([a.seconds for a in later if a.page == path])
            for path in sorted({a.page for a in later})
        },
        processor,
        round(seen[-1][1].memory, 1) if seen else 0.0,
        round(left, 1),
        growth_of([one.memory for _, one in seen]),
        dict(errors),
    )


def in_markdown(reports: list[Report]) -> str:
    """Returns a Markdown table with one row per hall."""

    def seconds(waiting: Waiting | None) -> str:
        return "–" if waiting is None else f"{waiting.median:.2f} / {waiting.late:.2f}"

    lines = [
        "| people | of them active | opening: median / 95 % (s) | interaction (s) "
        "| processor (ms) | memory (MiB) | a person (MiB) | growth | errors |",
        "| --: " * 9 + "|",
    ]
    for one in reports:
        growth = "–" if one.growth is None else f"{one.growth:+.1%}"
        lines.append(
            f"| {one.people} | {one.active} | {seconds(one.opening)} | {seconds(one.settled)} "
            f"| {one.processor or '–'} | {one.memory:.0f} | {one.a_person:.1f} | {growth} "
            f"| {sum(one.errors.values())} |"
        )
    return "\n".join(lines)


def show(report: Report) -> None:
    """Prints the results of a hall."""
    print(f"\n{report.people} people, {report.active} of them active")
    print(f"{'page':<24}{'interactions':>13}{'median':>11}{'95 %':>11}")
    for name, waiting in {"opening": report.opening, **report.pages, "all": report.settled}.items():
        if waiting:
            print(f"{name:<24}{waiting.interactions:>13}{waiting.median:>9.2f} s{waiting.late:>9.2f} s")
    for error, count in report.errors.items():
        print(f"  {count}× {error}")
    print(in_markdown([report]), flush=True)


def main() -> int:
    """Runs the halls, prints a report, and returns 0 if all went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=Hall.of, nargs="+", default=[Hall(10, 10)], metavar="PEOPLE[:ACTIVE]")
    parser.add_argument("--seconds", type=float, default=120, help="seconds of measurement in each hall")
    parser.add_argument("--interval", type=float, default=3, help="seconds between interactions of a person")
    parser.add_argument("--opening", type=float, default=10, help="seconds within which all open the app")
    parser.add_argument("--every", type=float, default=5, help="seconds between measurements of memory and processor")
    parser.add_argument("--root", type=Path, default=ROOT, help="repository with the version that is served")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    options.root = options.root.resolve()
    reports = []
    for hall in options.people:
        with served(options.root) as (address, log):
            found = asyncio.run(fill(hall, address, log, options))
            reports.append(report_on(hall, *found, log, options))
        show(reports[-1])
    about = {
        "when": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "load": os.getloadavg(),
        "seconds": options.seconds,
        "interval": options.interval,
    }
    if options.json:
        options.json.write_text(json.dumps({**about, "halls": [asdict(report) for report in reports]}, indent=2) + "\n")
    if options.markdown:
        options.markdown.write_text(in_markdown(reports) + "\n")
    return int(not all(report.is_good for report in reports))


if __name__ == "__main__":
    sys.exit(main())
