"""The desk: turns, shared questions, people who leave, and processes that die."""

import multiprocessing
import operator
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from waiting_helpers import PATIENCE, until

from app import desk
from app.desk import BusyError, Desk, EndedError, question, split_over_cores, within

ROOT = Path(__file__).resolve().parents[2]


def note(folder: str, name: str, answer: object = None) -> object:
    """Writes down that it was called."""
    with (Path(folder) / "calls").open("a") as calls:
        calls.write(f"{name}\n")
    return answer


def hold(folder: str) -> str:
    """Keeps a process busy until a file is there."""
    note(folder, "hold")
    until(lambda: (Path(folder) / "go").exists())
    return "held"


@split_over_cores(1)
def doubled(folder: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    note(folder, str(len(rows)))
    return {"values": rows * 2}


def fail(*_: object) -> None:
    raise ValueError("not this")


@within(0.5)
def never() -> None:
    time.sleep(3600)


def kill_once(folder: str) -> str:
    """Ends its process, but not the one that takes its place."""
    mark = Path(folder) / "killed"
    if not mark.exists():
        mark.touch()
        os._exit(3)
    return "answered"


class Room:
    """A desk with one process, which is busy until ``release`` is called, and people who wait for it."""

    def __init__(self, folder: Path, **options) -> None:
        self.folder, self.desk, self.answers = str(folder), Desk(**{"workers": 1, **options}), {}
        self._threads: list[threading.Thread] = []
        self.ask("first", question(hold, self.folder))
        until(lambda: self.calls() == ["hold"])

    def calls(self) -> list[str]:
        file = Path(self.folder) / "calls"
        return file.read_text().split() if file.exists() else []

    def note(self, name: str, answer: object = None):
        return question(note, self.folder, name, answer)

    def ask(self, person, *questions, waiting=lambda before: None, version=None) -> None:
        entered = threading.Event()

        def wait():
            try:
                with self.desk.asked(questions, person, version, waiting) as answer:
                    entered.set()
                    self.answers[person] = [answer(one) for one in questions]
            except BaseException as error:
                self.answers[person] = error
            entered.set()  # also if the desk refuses the questions

        self._threads.append(threading.Thread(target=wait))
        self._threads[-1].start()
        assert entered.wait(PATIENCE)

    def release(self) -> None:
        (Path(self.folder) / "go").touch()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def make_room(tmp_path):
    rooms = []

    def make(**options) -> Room:
        rooms.append(Room(tmp_path, **options))
        return rooms[-1]

    yield make
    for room in rooms:
        room.release()
        room.desk.close()


@pytest.fixture
def room(make_room):
    return make_room()


@pytest.fixture(scope="module")
def two():
    desk = Desk(workers=2)
    yield desk
    desk.close()


def test_people_are_served_in_turn(room):
    room.ask("eager", room.note("a"), room.note("b"), room.note("c"))
    room.ask("calm", room.note("d"))
    room.release()
    assert room.calls() == ["hold", "a", "d", "b", "c"]


def test_what_several_people_ask_for_is_computed_once_and_kept(room):
    for person in "abc":
        room.ask(person, room.note("once", np.arange(3)))
    room.release()
    assert room.calls() == ["hold", "once"] and room.answers["a"][0] is room.answers["c"][0]
    assert not room.answers["a"][0].flags.writeable
    assert room.desk.ask([room.note("once", np.arange(3))])[0] is room.answers["a"][0]


def test_of_other_files_it_is_computed_anew_and_a_question_may_need_another(room):
    inner = room.note("inner", 3)
    room.ask("a", question(operator.mul, inner, inner), question(operator.add, inner, 1), version=1)
    room.ask("b", inner, version=2)
    room.release()
    assert room.answers["a"] == [9, 4] and room.calls() == ["hold", "inner", "inner"]


def test_an_error_goes_to_who_asked_and_is_not_kept(room):
    room.ask("a", question(operator.add, question(fail), 1))
    room.ask("b", room.note("fine", "yes"))
    room.release()
    assert str(room.answers["a"]) == "not this" and room.answers["b"] == ["yes"]
    with pytest.raises(ValueError, match="not this"):
        room.desk.ask([question(fail)])


def test_who_leaves_gives_the_places_back(room):
    leaves, heard = threading.Event(), []

    def leave(before):
        if leaves.is_set():
            raise KeyboardInterrupt("the script was stopped")

    room.ask("gone", question(operator.add, room.note("inner", 1), 1), room.note("shared", 2), waiting=leave)
    room.ask("stays", room.note("shared", 2), waiting=heard.append)
    leaves.set()
    until(lambda: "gone" in room.answers and heard)
    room.release()
    assert room.calls() == ["hold", "shared"] and room.answers["stays"] == [2]


def test_who_waits_hears_how_many_people_are_before(room):
    heard, by_first = [], []
    for person in "abc":
        room.ask(person, room.note(person))
    room.ask("a", room.note("more"))  # somebody who is before is no other person
    room.ask("first", room.note("again"), waiting=by_first.append)  # is being served, and nobody's rival of its own
    room.ask("last", room.note("last"), waiting=heard.append)
    until(lambda: heard and by_first)
    assert heard[0] == 4 and by_first[0] == 3


def test_too_many_people_are_refused_and_those_who_wait_are_not(make_room):
    room = make_room(people=2)
    room.ask("a", room.note("1"))
    room.ask("b", room.note("2"))
    room.ask("c", room.note("3"))
    until(lambda: "c" in room.answers)
    assert isinstance(room.answers["c"], BusyError) and room.answers["c"].people == 2
    room.ask("a", room.note("4"))  # has a place already
    room.ask("d", room.note("1"))  # waits for what is computed anyway
    room.release()
    assert sorted(room.calls()) == ["1", "2", "4", "hold"]


def test_the_cores_share_many_rows_and_the_answer_has_them_in_order(two, tmp_path):
    rows = np.arange(2 * 101).reshape(101, 2)
    (found,) = two.ask([question(doubled, str(tmp_path), rows)])
    assert np.array_equal(found["values"], rows * 2)
    assert sorted((tmp_path / "calls").read_text().split()) == ["50", "51"]


def test_a_process_that_was_killed_is_replaced_once(two, tmp_path):
    assert two.ask([question(kill_once, str(tmp_path))]) == ["answered"]
    with pytest.raises(EndedError, match="too little memory"):
        two.ask([question(os._exit, 3)])
    assert two.ask([question(operator.add, 1, 1)]) == [2]


def test_what_takes_too_long_is_given_up_and_others_get_their_answers(two, tmp_path):
    with two.asked([question(never), question(hold, str(tmp_path))]) as answer:
        with pytest.raises(EndedError, match="longer than 0.5 seconds"):
            answer(question(never))
        (tmp_path / "go").touch()
        assert answer(question(hold, str(tmp_path))) == "held"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no processes")
def test_processes_that_are_stopped_are_replaced(two, monkeypatch):
    two.ask([question(operator.mul, 1, 1)])  # which starts the processes
    monkeypatch.setattr(desk, "DEADLINE", 1.0)
    for process in multiprocessing.active_children():
        os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(EndedError, match="longer than 1 seconds"):
        two.ask([question(operator.add, 1, 2)])
    monkeypatch.undo()
    assert two.ask([question(operator.add, 1, 3)]) == [4]


def test_ctrl_c_is_for_the_server_alone(two):
    (process,) = two.ask([question(os.getpid)])
    os.kill(process, 2)
    time.sleep(0.05)
    assert two.ask([question(os.path.exists, f"/proc/{process}")]) == [True]


def test_answers_asked_for_longest_ago_go_first():
    desk, made = Desk(workers=0, most_bytes=2500), []

    def ask(name):
        return desk.keep(name, lambda: made.append(name) or np.zeros(100))

    for name in "abcba":  # of 864 bytes each, so two have room
        ask(name)
    assert made == ["a", "b", "c", "a"]
    desk.keep("large", lambda: np.zeros(1000))
    assert ask("a") is ask("a") and made == ["a", "b", "c", "a"]  # what is too large evicts nothing
    desk.forget()
    ask("a")
    assert made[-1] == "a" and len(made) == 5


def test_without_processes_the_thread_that_asks_computes(tmp_path):
    desk = Desk(workers=0)
    inner = question(note, str(tmp_path), "inner", 3)
    assert desk.ask([question(operator.mul, inner, inner), question(os.getpid)]) == [9, os.getpid()]
    assert (tmp_path / "calls").read_text() == "inner\n"


def test_arrays_decide_what_is_the_same_question():
    zeros = np.zeros((3, 1))
    keys = [question(np.sum, given).key for given in (zeros, zeros.copy(), np.zeros(3), np.zeros((3, 1), int), "0")]
    assert keys[0] == keys[1] and len(set(keys)) == 4


@pytest.mark.slow
def test_the_processes_end_with_the_server(tmp_path):
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from app.desk import Desk, question
if __name__ == "__main__":
    print(Desk(workers=1).ask([question(os.getpid)])[0], flush=True)
    os.kill(os.getpid(), 9)
"""
    script = tmp_path / "server.py"
    script.write_text(code)
    found = subprocess.run([sys.executable, script], capture_output=True, text=True)
    until(lambda: not Path(f"/proc/{found.stdout.strip()}").exists())


def test_what_the_processes_import_has_no_streamlit_and_what_the_server_imports_no_torch():
    code = "import sys, app.main, app.desk, app.inference.computations; print({'streamlit', 'torch'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
