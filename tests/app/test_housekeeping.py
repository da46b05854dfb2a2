"""The server drops sessions that have ended, even if no new one comes; on a real server, with the browser's
protocol."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from waiting_helpers import until

from benchmarks.app_load import Person
from tools.screenshots import ROOT, serving

COUNTING = """
import runpy, sys, threading, time, weakref

sys.path.insert(0, {root!r})
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

import ibinn_core

def say():
    print("SESSIONS", len(ibinn_core.sessions), flush=True)

def count():
    while True:
        time.sleep(1)
        say()

if not hasattr(ibinn_core, "sessions"):  # once for all sessions
    ibinn_core.sessions = weakref.WeakSet()
    threading.Thread(target=count, daemon=True).start()
ibinn_core.sessions.add(get_instance()._session_mgr.get_session_info(get_script_run_ctx().session_id).session)
say()
runpy.run_path({main!r}, run_name="__main__")
"""


@pytest.fixture
def server(tmp_path):
    """The address of a server that logs its number of sessions, for each new one and once a second; its log."""
    (tmp_path / ".streamlit").symlink_to(ROOT / "app" / ".streamlit")
    script, log = tmp_path / "main.py", tmp_path / "log"
    script.write_text(COUNTING.format(root=str(ROOT), main=str(ROOT / "app" / "main.py")))
    with serving(log, script) as address:
        yield address, log


def sessions(log: Path) -> list[int]:
    return [int(count) for count in re.findall(r"^SESSIONS (\d+)$", log.read_text(), re.MULTILINE)]


async def come_and_go(address: str, people: int) -> None:
    """So many people open the app, and leave when all are there."""
    visits = [Person(number, time.monotonic()) for number in range(people)]
    all_here = asyncio.Barrier(people)

    async def visit(person: Person) -> None:
        async with person._connected(address, 0.0):
            await all_here.wait()

    await asyncio.gather(*map(visit, visits))
    assert not [exception for person in visits for exception in person.exceptions]


@pytest.mark.slow
def test_the_sessions_of_all_who_have_left_are_freed(server):
    address, log = server
    asyncio.run(come_and_go(address, 3))
    assert max(sessions(log)) == 3
    # The loop variable of Streamlit's server keeps the session that it served last, until it serves another.
    until(lambda: sessions(log)[-1] <= 1)
