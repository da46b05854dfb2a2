"""The server forgets who has left, also the last one; on a real server, with the browser's protocol."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from benchmarks.app_load import Person
from tools.screenshots import ROOT, serving

COUNTING = """
import gc, runpy, sys, threading, time

sys.path.insert(0, {root!r})
import ibinn_core

def count():
    while True:
        time.sleep(1)
        print("SESSIONS", sum(type(one).__name__ == "AppSession" for one in gc.get_objects()), flush=True)

if not hasattr(ibinn_core, "counts_sessions"):  # once for all sessions
    ibinn_core.counts_sessions = True
    threading.Thread(target=count, daemon=True).start()
runpy.run_path({main!r}, run_name="__main__")
"""


@pytest.fixture
def server(tmp_path):
    """The address of a server that says once a second how many sessions it holds, and its log."""
    (tmp_path / ".streamlit").symlink_to(ROOT / "app" / ".streamlit")
    script, log = tmp_path / "main.py", tmp_path / "log"
    script.write_text(COUNTING.format(root=str(ROOT), main=str(ROOT / "app" / "main.py")))
    with serving(log, script) as address:
        yield address, log


def sessions(log: Path) -> list[int]:
    return [int(count) for count in re.findall(r"^SESSIONS (\d+)$", log.read_text(), re.MULTILINE)]


async def come_and_go(address: str, log: Path, people: int) -> None:
    visits = [Person(number, time.monotonic()) for number in range(people)]
    await asyncio.gather(*(visit.read(address, 0.0, time.monotonic() + 8) for visit in visits))
    assert not [exception for visit in visits for exception in visit.exceptions]


@pytest.mark.slow
def test_the_sessions_of_all_who_have_left_are_freed(server):
    address, log = server
    asyncio.run(come_and_go(address, log, 3))
    left = time.monotonic()
    assert max(sessions(log)) >= 3
    while sessions(log)[-1] > 0:
        assert time.monotonic() - left < 60, "20 s, at most 5 s more, and what the computer is late"
        time.sleep(0.5)
