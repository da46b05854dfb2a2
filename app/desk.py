"""Computes models' answers in separate processes. People take turns, and all people share each answer.

Python runs one thread at a time, and a forward pass takes about a thousand small steps. In a server thread,
a forward pass would slow down the pages.
"""

import dataclasses
import functools
import importlib
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import joblib
import numpy as np

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

PEOPLE = 200  # how many people may wait at once
PART = 8  # fewest images per call when a question is split
LOOK = 0.2  # seconds between checks whether waiting people have left
DEADLINE = 300.0  # default time limit of a function, in seconds
NICE = 5  # niceness of the processes, from 0 to 19, so that pages come first
OVERHEAD = 64  # bytes that each object takes beside its contents


class BusyError(Exception):
    """Too many people are waiting already."""

    def __init__(self, people: int) -> None:
        super().__init__(f"The server is busy: {people} waiting.")
        self.people = people


class EndedError(Exception):
    """A process and its replacement were killed, or a question took too long.

    The message is a sentence for users.
    """


@dataclass(frozen=True, eq=False)
class Question(Generic[T]):
    """A function call that can be computed later.

    Attributes:
        function: defined at the top level of a module that does not import Streamlit.
        arguments: plain values, arrays or other questions. A question stands for its answer.
    """

    function: Callable[..., T]
    arguments: tuple[Any, ...]

    @functools.cached_property
    def key(self) -> str:
        """Returns a key that equal calls share, in every session."""
        parts = [part.key if isinstance(part, Question) else part for part in self.arguments]
        return cast(str, joblib.hash((self.function.__module__, self.function.__qualname__, parts)))


def question(function: Callable[..., T], *arguments: Any) -> Question[T]:
    """Returns a question that asks for the result of ``function`` with these arguments."""
    return Question(function, arguments)


def split_over_cores(position: int) -> Callable[[F], F]:
    """Declares that a function treats each of the N rows of its argument at ``position`` separately.

    The function returns arrays with N rows each, in a mapping or a dataclass. The desk may pass only some of the rows.
    """

    def declare(function: F) -> F:
        function.split_at = position  # type: ignore[attr-defined]
        return function

    return declare


def at_once(function: F) -> F:
    """Declares that a function runs no network, so that the asking thread computes it at once."""
    function.is_at_once = True  # type: ignore[attr-defined]
    return function


def within(seconds: float) -> Callable[[F], F]:
    """Sets the time limit of a function in seconds, 300 by default. After this time, the desk ends all processes."""

    def declare(function: F) -> F:
        function.seconds = seconds  # type: ignore[attr-defined]
        return function

    return declare


@dataclass(eq=False)
class _Job:
    """A question that was asked, and its answer."""

    key: Hashable
    function: Callable[..., Any]
    arguments: "list[Any]"  # with a job in place of each nested question
    person: Hashable  # the first person who asked
    future: Future = field(default_factory=Future)
    waiting: int = 0  # number of people and jobs that wait for the answer
    around: "list[_Job]" = field(default_factory=list)  # the jobs that need this job's answer
    calls: list[list[Any]] = field(default_factory=list)  # arguments of each call; a split question has several calls
    answers: dict[int, Any] = field(default_factory=dict)  # by index of the call
    is_begun: bool = False
    retried: set[int] = field(default_factory=set)  # indices of calls whose process was killed

    @property
    def inner(self) -> "list[_Job]":
        """Returns the jobs whose answers this job needs."""
        return [part for part in self.arguments if isinstance(part, _Job)]


class Desk:
    """A pool of processes that answers questions.

    People take turns: after one call, a person goes to the end of the queue. Equal questions are computed once. A
    question is dropped if nobody waits for it any more and it has not started.

    Arguments:
        workers: number of processes; each uses one core. With 0, the asking thread computes the answer.
        most_bytes: largest total size of the stored answers. The least recently used are removed first.
        imports: modules that each process imports when it starts.
        people: how many people may wait at once.

    Example:
        >>> import operator
        >>> seven = question(operator.add, 3, 4)
        >>> Desk(workers=0).ask([question(operator.mul, seven, seven)])
        [49]
    """

    def __init__(
        self, workers: int, most_bytes: int = 2**28, imports: Sequence[str] = (), people: int = PEOPLE
    ) -> None:
        self._workers, self._most_bytes, self._imports, self._people = workers, most_bytes, imports, people
        self._lock = threading.RLock()
        self._kept: OrderedDict[Hashable, tuple[_Job, int]] = OrderedDict()  # answered jobs, and their size in bytes
        self._bytes = 0
        self._open: dict[Hashable, _Job] = {}
        self._queue: OrderedDict[Hashable, deque[tuple[_Job, int]]] = OrderedDict()  # waiting calls by person
        self._running: list[Hashable] = []  # the person of each call that is being computed
        self._pool: ProcessPoolExecutor | None = None

    def ask(
        self,
        questions: Sequence[Question],
        person: Hashable = None,
        version: Hashable = None,
        waiting: Callable[[int], object] = lambda before: None,
    ) -> list[Any]:
        """Returns the answers when all are there. They are shared, so their arrays are read-only.

        Arguments:
            questions: computed in parallel.
            person: identifies who asks.
            version: version of the files that the functions read. Answers of another version are not used.
            waiting: called several times a second with the number of people ahead. If it raises an exception, the
                waiting ends.

        Raises:
            BusyError: too many people are waiting already.
            EndedError: a process was killed twice, or a function exceeded its time limit (:func:`within`).
            Exception: any exception that a function raises.
        """
        with self.asked(questions, person, version, waiting) as answer:
            return [answer(one) for one in questions]

    @contextmanager
    def asked(
        self,
        questions: Sequence[Question],
        person: Hashable = None,
        version: Hashable = None,
        waiting: Callable[[int], object] = lambda before: None,
    ) -> Iterator[Callable[[Question[T]], T]]:
        """Computes answers while the block runs. The block gets a function that maps a question to its answer.

        Arguments and errors are the same as in :meth:`ask`.
        """
        if not self._workers:
            yield lambda one: self._compute_here(one, version)
            return
        jobs: dict[str, _Job] = {}

        def answer(one: Question[T]) -> T:
            if one.key not in jobs:
                return self._compute_here(one, version)
            job = jobs[one.key]
            while wait([job.future], LOOK).not_done:
                waiting(self._before(job))
            return job.future.result()

        try:
            with self._lock:
                for one in questions:
                    if not hasattr(one.function, "is_at_once"):
                        jobs[one.key] = self._enter(one, person, version)
                self._dispatch()
            yield answer
        finally:
            with self._lock:
                for job in jobs.values():
                    self._leave(job)

    def keep(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Returns the value stored under a key, or computes and stores it in this thread."""
        with self._lock:
            if key in self._kept:
                return self._found(key).future.result()
        job = _Job(key, compute, [], None)
        job.future.set_result(answer := compute())
        with self._lock:
            self._store(job, freeze(answer))
        return answer

    def forget(self) -> None:
        """Removes all stored answers."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def close(self) -> None:
        """Ends the processes when their current calls are done."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(cancel_futures=True)

    def _compute_here(self, asked: Question[T], version: Hashable) -> T:
        def compute() -> T:
            given = [self._compute_here(one, version) if isinstance(one, Question) else one for one in asked.arguments]
            return answer_here(asked.function, given)

        return self.keep((asked.key, version), compute)

    # With the lock held, except _give_up --------------------------------------------------------------

    def _enter(self, asked: Question, person: Hashable, version: Hashable) -> _Job:
        """Returns the job of a question and counts one more waiter."""
        key = (asked.key, version)
        if key in self._kept:
            return self._found(key)
        job = self._open.get(key)
        if job is None:
            if person not in self._queue and len(self._queue) >= self._people:
                raise BusyError(len(self._queue))
            given = [self._given(part, person, version) for part in asked.arguments]
            job = self._open[key] = _Job(key, asked.function, given, person)
            for one in job.inner:
                one.around.append(job)
            self._line_up(job)
        job.waiting += 1
        return job

    def _given(self, part: Any, person: Hashable, version: Hashable) -> Any:
        if not isinstance(part, Question):
            return part
        if hasattr(part.function, "is_at_once"):
            return self._compute_here(part, version)
        return self._enter(part, person, version)

    def _leave(self, job: _Job) -> None:
        """Counts one waiter less. Drops the job if nobody waits for it and it has not started."""
        job.waiting -= 1
        if job.waiting or job.is_begun or job.future.done():
            return
        self._open.pop(job.key, None)
        job.future.cancel()
        others = deque(call for call in self._queue.get(job.person, ()) if call[0] is not job)
        if others:
            self._queue[job.person] = others
        else:
            self._queue.pop(job.person, None)
        for one in job.inner:
            self._leave(one)

    def _line_up(self, job: _Job) -> None:
        """Puts a job into the queue as soon as the answers that it needs are there."""
        if job.future.done() or not all(one.future.done() for one in job.inner):
            return
        try:
            given = [part.future.result() if isinstance(part, _Job) else part for part in job.arguments]
        except Exception as error:
            self._finish(job, error)
            return
        job.calls = _calls(job.function, given, self._workers)
        self._queue.setdefault(job.person, deque()).extend((job, number) for number in range(len(job.calls)))

    def _dispatch(self) -> None:
        """Gives the next calls to processes that are free; people take turns."""
        while self._queue and len(self._running) < self._workers:
            person, calls = self._queue.popitem(last=False)
            job, number = calls.popleft()
            if calls:
                self._queue[person] = calls
            if not job.future.done():  # another call of the job may have failed
                self._running.append(person)
                job.is_begun = True
                self._submit(job, number)

    def _submit(self, job: _Job, number: int) -> None:
        pool = self._pool = self._pool or self._new_pool()
        try:
            future = pool.submit(job.function, *job.calls[number])
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        seconds = getattr(job.function, "seconds", DEADLINE)
        timer = threading.Timer(seconds, self._give_up, (job, seconds, future))
        timer.daemon = True
        timer.start()
        future.add_done_callback(lambda _: timer.cancel())
        future.add_done_callback(functools.partial(self._done, job, number, pool))

    def _give_up(self, job: _Job, seconds: float, call: Future) -> None:
        """Ends all processes after a time limit. New processes repeat the other calls that were running."""
        if call.done():
            return
        with self._lock:
            if not job.future.done():
                self._finish(job, EndedError(f"This takes longer than {seconds:g} seconds."))
        for process in multiprocessing.active_children():
            process.kill()

    def _finish(self, job: _Job, error: BaseException | None) -> None:
        self._open.pop(job.key, None)
        if error is None:
            job.future.set_result(_joined([job.answers[number] for number in range(len(job.calls))]))
            self._store(job, freeze(job.future.result()))
        else:
            job.future.set_exception(error)
        for one in job.around:
            self._line_up(one)

    def _found(self, key: Hashable) -> _Job:
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def _store(self, job: _Job, size: int) -> None:
        """Stores an answered job without its arguments. Removes the least recently used jobs beyond the total size."""
        job.arguments, job.calls, job.answers = [], [], {}
        if size > self._most_bytes or job.key in self._kept:
            return
        self._kept[job.key] = job, size
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][1]

    # In any thread -------------------------------------------------------------------------------------

    def _done(self, job: _Job, number: int, pool: ProcessPoolExecutor, future: Future) -> None:
        """Stores the answer to a call. If a process was killed, a new process repeats the call once."""
        error = future.exception()
        with self._lock:
            if isinstance(error, BrokenProcessPool) and self._pool is pool:
                self._pool = None
            if isinstance(error, BrokenProcessPool) and not job.future.done() and number not in job.retried:
                job.retried.add(number)
                self._submit(job, number)
                return
            self._running.remove(job.person)
            if not job.future.done():
                if error is None:
                    job.answers[number] = future.result()
                if isinstance(error, BrokenProcessPool):
                    error = EndedError(
                        "The process that computes this was killed; the server may have too little memory."
                    )
                if error is not None or len(job.answers) == len(job.calls):
                    self._finish(job, error)
            self._dispatch()

    def _before(self, job: _Job) -> int:
        """Counts the other people who are being served or are ahead of a job; 0 if the job has started."""
        with self._lock:
            if job.is_begun:
                return 0
            people = list(self._queue)
            ahead = people[: people.index(job.person)] if job.person in people else []
            return len({*self._running, *ahead} - {job.person})

    def _new_pool(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, spawn, _begin_process, (NICE, *self._imports))


def answer_here(function: Callable[..., T], arguments: Sequence[Any]) -> T:
    """Computes an answer in the calling thread, as a desk without processes does."""
    return function(*arguments)


def _begin_process(nice: int, *imports: str) -> None:
    """Prepares a process of the desk: it uses one core and ends together with the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the server handles Ctrl-C
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(nice)
    os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "NUMBA", "MKL", "OPENBLAS")})
    for name in imports:
        importlib.import_module(name)


def _end_with_the_server() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(0)


def _calls(function: Callable[..., Any], given: list[Any], workers: int) -> list[list[Any]]:
    """Returns the arguments of the calls that answer a question: several calls if the desk may split the question."""
    position = getattr(function, "split_at", None)
    if position is None:
        return [given]
    rows = given[position]
    count = max(1, min(workers, len(rows) // PART))
    ends = [len(rows) * number // count for number in range(count + 1)]
    parts = [rows[start:end] for start, end in zip(ends[:-1], ends[1:], strict=True)]
    return [[*given[:position], part, *given[position + 1 :]] for part in parts]


def _joined(answers: list[Any]) -> Any:
    first = answers[0]
    if len(answers) == 1:
        return first
    if isinstance(first, Mapping):
        return {name: np.concatenate([one[name] for one in answers]) for name in first}
    arrays = [name for name, value in vars(first).items() if isinstance(value, np.ndarray)]
    return dataclasses.replace(first, **{n: np.concatenate([vars(one)[n] for one in answers]) for n in arrays})


def freeze(value: object) -> int:
    """Makes all arrays in a value read-only, even in containers and dataclasses. Returns the size in bytes."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
        return value.nbytes + OVERHEAD
    if isinstance(value, (str, bytes)):
        return len(value) + OVERHEAD
    if isinstance(value, Mapping):
        return OVERHEAD + sum(freeze(key) + freeze(one) for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return OVERHEAD + sum(map(freeze, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return OVERHEAD + sum(freeze(getattr(value, field.name)) for field in dataclasses.fields(value))
    return OVERHEAD
