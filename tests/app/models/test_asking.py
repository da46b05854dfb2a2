"""How a page asks: it says how many people are ahead, and notices when its user leaves."""

import threading
import types

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest
from waiting_helpers import PATIENCE, until

from app.desk import BusyError, Desk, EndedError
from app.models import asking


@pytest.fixture
def slow(monkeypatch):
    """A desk at which one person is before, until ``gate`` is set."""
    gate, shared = threading.Event(), types.SimpleNamespace(context=None, left=[])

    class Slow(Desk):
        def ask(self, questions, person=None, version=None, waiting=lambda before: None):
            shared.context = get_script_run_ctx()
            try:
                while not gate.wait(0.01):
                    waiting(1)
            except BaseException:
                shared.left.append(person)
                raise
            return ["the answer" for _ in questions]

    monkeypatch.setattr(asking, "DESK", Slow(workers=0))
    return types.SimpleNamespace(gate=gate, shared=shared)


def page():
    import streamlit as st

    from app.desk import question
    from app.models.asking import ask

    st.write("before")
    st.write(ask(question(len, "")))


def run_in_thread(script) -> tuple[AppTest, threading.Thread]:
    opened = AppTest.from_function(script, default_timeout=300)
    thread = threading.Thread(target=opened.run)
    thread.start()
    return opened, thread


def test_a_page_that_waits_says_how_many_people_are_before(slow, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.0)
    show, is_said = st.toast, threading.Event()

    def toast(*arguments, **options):
        shown = show(*arguments, **options)
        is_said.set()
        return shown

    monkeypatch.setattr(st, "toast", toast)
    opened, thread = run_in_thread(page)
    assert is_said.wait(PATIENCE)
    slow.gate.set()
    thread.join(PATIENCE)
    assert [toast.value for toast in opened.toast] == ["Server busy: 1 waiting."]
    assert opened.markdown[-1].value == "the answer"


def test_a_page_whose_person_leaves_stops_waiting(slow):
    _, thread = run_in_thread(page)
    until(lambda: slow.shared.context)
    slow.shared.context.script_requests.request_stop()  # what the server does when the browser has gone
    until(lambda: slow.shared.left)
    thread.join(PATIENCE)
    assert slow.shared.left == [slow.shared.context.session_id]


@pytest.mark.parametrize(
    "error, said", [(BusyError(200), "200 waiting"), (EndedError("It was killed."), "It was killed.")]
)
def test_a_page_says_why_there_is_no_answer(slow, monkeypatch, error, said):
    ask = asking.DESK.ask

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(asking.DESK, "ask", refuse)
    opened = AppTest.from_function(page, default_timeout=300).run()
    assert said in opened.warning[0].value
    assert [m.value for m in opened.markdown] == ["before"] and not opened.exception
    monkeypatch.setattr(asking.DESK, "ask", ask)
    slow.gate.set()
    opened.button(key="ask-again").click().run()
    assert opened.markdown[-1].value == "the answer" and not opened.warning


def test_what_a_page_makes_is_kept_until_the_checkpoints_change(monkeypatch):
    made, seen = [], types.SimpleNamespace(version=1)
    monkeypatch.setattr(asking, "current_models", lambda: seen)

    @asking.kept
    def squared(values, power=2):
        made.append(1)
        return values**power

    first = squared(np.arange(3))
    assert squared(np.arange(3)) is first and squared(np.arange(3), power=3) is not first
    seen.version = 2
    assert squared(np.arange(3)) is not first and len(made) == 3
