"""How a page asks: it says how many people are before, notices when its person leaves, and shares what it gets."""

import sys
import threading
import types

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from waiting_helpers import PATIENCE, until

from app.inference.queue import Queue, Request
from app.models import asking


@pytest.fixture
def busy(monkeypatch):
    """The pages' queue with one worker, which computes for somebody else until ``gate`` is set."""
    queue, gate, began = Queue(asking.RESULTS, workers=1), threading.Event(), threading.Event()
    monkeypatch.setattr(asking, "QUEUE", queue)
    asking.RESULTS.clear()

    def hold(items):
        began.set()
        assert gate.wait(PATIENCE)
        return items

    other = threading.Thread(target=lambda: queue.ask("somebody else", Request("hold", hold)))
    other.start()
    assert began.wait(PATIENCE)
    # What the script below has in common with the test.
    shared = sys.modules["asking_helper"] = types.ModuleType("asking_helper")
    shared.context, shared.computed = None, []
    yield types.SimpleNamespace(queue=queue, gate=gate, shared=shared)
    gate.set()
    other.join(PATIENCE)
    queue.close()
    asking.RESULTS.clear()
    del sys.modules["asking_helper"]


def page():
    import asking_helper
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from app.inference.queue import Request
    from app.models.asking import ask

    asking_helper.context = get_script_run_ctx()
    st.write("before")
    st.write(ask(Request("answer", lambda _: asking_helper.computed.append(1) or ["the answer"])))


def run_in_thread(script) -> tuple[AppTest, threading.Thread]:
    opened = AppTest.from_function(script, default_timeout=300)
    thread = threading.Thread(target=opened.run)
    thread.start()
    return opened, thread


def test_a_page_that_waits_says_how_many_people_are_before(busy, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.0)
    show, is_said = st.toast, threading.Event()

    def toast(*arguments, **options):
        shown = show(*arguments, **options)
        is_said.set()
        return shown

    monkeypatch.setattr(st, "toast", toast)
    opened, thread = run_in_thread(page)
    assert is_said.wait(PATIENCE)
    busy.gate.set()
    thread.join(PATIENCE)
    assert [toast.value for toast in opened.toast] == ["1 person is before you"]
    assert opened.markdown[-1].value == "the answer"


def test_a_page_that_waits_for_a_moment_says_nothing(busy, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 600.0)
    opened, thread = run_in_thread(page)
    until(lambda: len(busy.queue._open) == 2)
    busy.gate.set()
    thread.join(PATIENCE)
    assert not opened.toast and opened.markdown[-1].value == "the answer"


def test_a_page_whose_person_leaves_gives_its_place_back(busy):
    _, thread = run_in_thread(page)
    until(lambda: len(busy.queue._open) == 2)
    busy.shared.context.script_requests.request_stop()  # what the server does when the browser has gone
    until(lambda: len(busy.queue._open) == 1)
    thread.join(PATIENCE)
    busy.gate.set()
    until(lambda: not busy.queue._open)
    assert not busy.shared.computed


def test_a_page_says_that_too_many_people_wait(busy, monkeypatch):
    monkeypatch.setattr(busy.queue, "_people", 0)
    opened = AppTest.from_function(page, default_timeout=300).run()
    assert "0 people are before you" in opened.warning[0].value
    assert [m.value for m in opened.markdown] == ["before"] and not opened.exception
    monkeypatch.setattr(busy.queue, "_people", 5)
    busy.gate.set()
    opened.button(key="ask-again").click().run()
    assert opened.markdown[-1].value == "the answer" and not opened.warning


def test_what_pages_ask_of_one_model_is_computed_in_one_pass(busy):
    passes = []

    @asking.Together
    def doubled(checkpoint_id, images):
        passes.append((checkpoint_id, len(images)))
        return {"values": images * 2}

    found, images = {}, {person: np.full((n, 2), n) for person, n in (("a", 1), ("b", 3), ("c", 2))}
    threads = [
        threading.Thread(target=lambda key=key, own=own: found.update({key: doubled("gamma-1", own)}))
        for key, own in images.items()
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(busy.queue._open) == 4)
    busy.gate.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert passes == [("gamma-1", 6)]
    for key, own in images.items():
        assert np.array_equal(found[key]["values"], own * 2)
        assert found[key]["values"].base is None  # keeps nothing of what the others asked for
    assert doubled("gamma-1", images["b"]) is found["b"] and len(passes) == 1


def test_the_cores_share_many_images_and_the_answer_has_them_in_order(busy, monkeypatch):
    busy.gate.set()
    queue, passes = Queue(asking.RESULTS, workers=2), []
    monkeypatch.setattr(asking, "QUEUE", queue)

    @asking.Together
    def doubled(checkpoint_id, images):
        passes.append(len(images))
        return {"values": images * 2, "first": images[:, 0]}

    images = np.arange(2 * 101).reshape(101, 2)
    found = doubled("gamma-1", images)
    assert np.array_equal(found["values"], images * 2) and np.array_equal(found["first"], images[:, 0])
    assert sorted(passes) == [50, 51]
    few = doubled("gamma-1", images[: asking.PART])
    assert passes[2:] == [asking.PART] and np.array_equal(few["values"], images[: asking.PART] * 2)
    asking.ask_all([*doubled.requests("a", images), *doubled.requests("b", images)])
    count = len(passes)
    assert np.array_equal(doubled("b", images)["values"], images * 2) and len(passes) == count  # there already
    queue.close()


def test_what_a_page_makes_is_kept_until_the_checkpoints_change(busy):
    made = []

    @asking.kept
    def squared(values, power=2):
        made.append(1)
        return values**power

    first = squared(np.arange(3))
    assert squared(np.arange(3)) is first and squared(np.arange(3), power=3) is not first
    asking.RESULTS.clear()
    assert squared(np.arange(3)) is not first and len(made) == 3


def test_what_a_run_makes_of_models_that_are_gone_is_not_kept(monkeypatch):
    made, is_met = [], [False]
    monkeypatch.setattr(asking, "CONDITIONS", [lambda: is_met[0]])

    @asking.kept
    def count(text: str) -> int:
        made.append(text)
        return len(made)

    assert [count("a"), count("a")] == [1, 2]
    is_met[0] = True
    assert [count("a"), count("a")] == [3, 3]
