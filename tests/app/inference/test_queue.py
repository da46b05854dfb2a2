"""The queue of all that models compute: in turn, together, and only for who is still there."""

import threading

import pytest
from waiting_helpers import PATIENCE, until

from app.inference import queue as queues
from app.inference.queue import FullError, Queue, Request
from app.inference.results import MISSING, Results


class Desk:
    """A queue of one worker that is kept busy until ``release`` is called, and what was computed in which order."""

    def __init__(self, **options):
        self.queue = Queue(Results(10**6), **{"workers": 1, **options})
        self.computed: list[list] = []
        self.answers: dict = {}
        self._gate, self._threads = threading.Event(), []
        began = threading.Event()

        def hold(items):
            began.set()
            assert self._gate.wait(PATIENCE)
            return ["held"]

        self._spawn(lambda: self.queue.ask("first", Request("hold", hold)))
        assert began.wait(PATIENCE)

    def request(self, key, kind=None, size=1) -> Request:
        def double(items):
            self.computed.append(list(items))
            return [item * 2 for item in items]

        return Request(key, double, key, kind, size)

    def ask(self, person, key, kind=None, size=1, waiting=None):
        def wait():
            try:
                self.answers[person, key] = self.queue.ask(person, self.request(key, kind, size), waiting)
            except Exception as error:
                self.answers[person, key] = error

        expected = len(self._threads)
        self._spawn(wait)
        until(lambda: self._entered() >= expected or not self._threads[-1].is_alive())

    def _entered(self) -> int:
        return sum(ticket.waiting for ticket in self.queue._open.values()) + sum(
            not thread.is_alive() for thread in self._threads
        )

    def _spawn(self, function):
        self._threads.append(threading.Thread(target=function))
        self._threads[-1].start()

    def release(self):
        self._gate.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def make_desk():
    desks = []

    def make(**options) -> Desk:
        desks.append(Desk(**options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.release()
        desk.queue.close()


@pytest.fixture
def desk(make_desk):
    return make_desk()


def test_people_are_served_in_turn(desk):
    desk.ask("eager", 1)
    desk.ask("eager", 2)
    desk.ask("eager", 3)
    desk.ask("calm", 4)
    desk.release()
    assert desk.computed == [[1], [4], [2], [3]]
    assert desk.answers["calm", 4] == 8


def test_requests_of_one_kind_are_computed_together(desk):
    desk.ask("a", 1, "model")
    desk.ask("a", 2, "model")
    desk.ask("b", 3, "model")
    desk.ask("c", 4, "another model")
    desk.ask("d", 5, "model")
    desk.release()
    assert desk.computed == [[1, 3, 5, 2], [4]]  # of each person one, before another of the same
    assert [desk.answers[who] for who in (("a", 1), ("a", 2), ("b", 3), ("c", 4), ("d", 5))] == [2, 4, 6, 8, 10]


def test_a_pass_holds_no_more_images_than_it_may(desk):
    desk.ask("a", 1, "model", size=queues.TOGETHER - 10)
    desk.ask("b", 2, "model", size=11)
    desk.ask("c", 3, "model", size=10)
    desk.release()
    assert desk.computed == [[1, 3], [2]]


def test_what_several_people_ask_for_is_computed_once_and_kept(desk):
    for person in "abc":
        desk.ask(person, 7)
    desk.release()
    assert desk.computed == [[7]] and desk.answers["a", 7] is desk.answers["c", 7]
    assert desk.queue.ask("later", desk.request(7)) == 14 and desk.computed == [[7]]


def test_who_waits_hears_how_many_people_are_before(desk):
    heard = []
    for person, key in zip("abc", range(3), strict=True):
        desk.ask(person, key)
    desk.ask("a", 10)  # another request of somebody who is before is no other person
    desk.ask("last", 99, waiting=heard.append)
    until(lambda: heard)
    desk.release()
    assert heard[0] == 4  # a, b, c, and the one that is being served


def test_who_leaves_gives_the_place_back(desk):
    def leave(before):
        raise KeyboardInterrupt("the script was stopped")

    seen = []

    def gone():
        with pytest.raises(KeyboardInterrupt):
            desk.queue.ask("gone", desk.request(1), leave)
        seen.append(1)

    thread = threading.Thread(target=gone)
    thread.start()
    thread.join(PATIENCE)
    heard = []
    desk.ask("next", 2, waiting=heard.append)
    until(lambda: heard)
    assert seen and heard[0] == 1
    desk.release()
    assert desk.computed == [[2]]


def test_what_somebody_else_waits_for_too_stays_when_one_leaves(desk):
    leaves = threading.Event()

    def leave(before):
        if leaves.is_set():
            raise RuntimeError("left")

    desk.ask("gone", 1, waiting=leave)
    desk.ask("stays", 1)
    leaves.set()
    until(lambda: ("gone", 1) in desk.answers)
    desk.release()
    assert desk.answers["stays", 1] == 2 and str(desk.answers["gone", 1]) == "left"


def test_too_many_people_are_refused_and_those_who_wait_are_not(make_desk):
    desk = make_desk(people=2)
    desk.ask("a", 1)
    desk.ask("b", 2)
    desk.ask("c", 3)
    assert isinstance(desk.answers["c", 3], FullError) and desk.answers["c", 3].people == 2
    desk.ask("a", 4)  # has a place already
    desk.ask("d", 1)  # waits for what is computed anyway
    desk.release()
    assert desk.answers["a", 4] == 8 and desk.answers["d", 1] == 2


def test_an_error_belongs_to_whoever_asked_for_it(desk):
    def fussy(items):
        if 2 in items:
            raise ValueError("not 2")
        return [item * 2 for item in items]

    results = {}

    def ask(person, item):
        try:
            results[person] = desk.queue.ask(person, Request(("fussy", item), fussy, item, "fussy"))
        except ValueError as error:
            results[person] = str(error)

    threads = [threading.Thread(target=ask, args=pair) for pair in (("a", 1), ("b", 2), ("c", 3))]
    for thread in threads:
        thread.start()
    until(lambda: len(desk.queue._open) == 4)
    desk.release()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == {"a": 2, "b": "not 2", "c": 6}
    assert desk.queue.results.get(("fussy", 2)) is MISSING


def test_a_computation_may_ask_for_another(desk):
    desk.release()
    outer = Request("outer", lambda _: [desk.queue.ask("nobody", desk.request(21))])
    assert desk.queue.ask("person", outer) == 42
    assert desk.queue.results.get(21) == 42


def test_a_closed_queue_refuses_who_waits_and_ends_its_threads(desk):
    desk.ask("waits", 1)
    closing = threading.Thread(target=desk.queue.close)
    closing.start()
    until(lambda: ("waits", 1) in desk.answers)
    desk.release()
    closing.join(PATIENCE)
    assert "stopped" in str(desk.answers["waits", 1]) and not any(t.is_alive() for t in desk.queue._threads)
    with pytest.raises(RuntimeError, match="stopped"):
        desk.queue.ask("late", desk.request(5))


def test_two_workers_compute_two_kinds_at_once():
    queue, both = Queue(Results(1000), workers=2), threading.Barrier(2)

    def meet(items):
        both.wait(PATIENCE)  # passes only if the other is being computed at the same time
        return items

    other = threading.Thread(target=lambda: queue.ask("a", Request("a", meet, 1)))
    other.start()
    assert queue.ask("b", Request("b", meet, 2)) == 2
    other.join(PATIENCE)
    queue.close()


def test_the_queue_knows_nothing_of_streamlit():
    import subprocess
    import sys

    code = "import sys, app.inference.queue, app.inference.results; print('streamlit' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_idle_workers_share_what_one_person_asks_for():
    queue, both = Queue(Results(1000), workers=2), threading.Barrier(2)

    def meet(items):
        both.wait(PATIENCE)  # passes only if the other one is being computed at the same time, by the other worker
        return items

    assert queue.ask_all("a", [Request(key, meet, key, "model") for key in (1, 2)]) == [1, 2]
    queue.close()


def test_several_answers_come_in_the_order_of_the_requests(desk):
    desk.release()
    assert desk.queue.ask("before", desk.request(2)) == 4
    assert desk.queue.ask_all("a", [desk.request(key) for key in (3, 2, 1, 3)]) == [6, 4, 2, 6]
    assert [one for batch in desk.computed for one in batch] == [2, 3, 1]


def test_who_leaves_gives_all_places_back(desk):
    def leave(before):
        raise KeyboardInterrupt("the script was stopped")

    with pytest.raises(KeyboardInterrupt):
        desk.queue.ask_all("gone", [desk.request(1), desk.request(2)], leave)
    desk.ask("next", 3)
    desk.release()
    assert desk.computed == [[3]]


def test_an_error_of_one_answer_is_raised_when_all_are_there(desk):
    def fail(items):
        raise ValueError("no")

    desk.release()
    with pytest.raises(ValueError, match="no"):
        desk.queue.ask_all("a", [Request("bad", fail), desk.request(1)])
    assert desk.computed == [[1]] and desk.queue.results.get(1) == 2


def test_a_computation_of_models_that_have_changed_since_is_not_joined(desk):
    desk.ask("a", 1)
    desk.queue.results.clear()  # as when a checkpoint is replaced
    desk.ask("b", 1)
    desk.ask("c", 1)
    desk.release()
    assert desk.computed == [[1], [1]] and [desk.answers[who, 1] for who in "abc"] == [2, 2, 2]
    assert not desk.queue._open


def test_a_thread_that_could_not_be_prepared_answers_all_the_same():
    def fail():
        raise OSError("no more processes")

    queue = Queue(Results(10**6), workers=1, begin=fail)
    assert queue.ask("a", Request(1, lambda items: ["answer"])) == "answer"
    queue.close()
