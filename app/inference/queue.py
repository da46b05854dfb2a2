"""One queue for all that models compute, so that many people at once share the cores fairly.

Without it each page would run its model in a thread of its own, on all cores: thirty pages at once would each take
thirty times as long, and whoever came last would be done as late as whoever came first.
"""

import atexit
import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from app.inference.results import MISSING, Results

T = TypeVar("T")
_log = logging.getLogger(__name__)

TOGETHER = 64  # images in one pass; more are no faster an image, and who comes next would wait for them
PEOPLE = 200  # who may wait at once
THREAD = "inference-"  # how the names of the queue's threads begin
_LOOK = 0.2  # seconds between looks at whether somebody who waits has left
_NOBODY = object()


class FullError(Exception):
    """Raised where too many people wait already."""

    def __init__(self, people: int) -> None:
        super().__init__(f"{people} people wait already")
        self.people = people


@dataclass(frozen=True)
class Request(Generic[T]):
    """What is to be computed."""

    key: Hashable  # the same for requests that have the same answer
    compute: Callable[[list[Any]], Sequence[T]]  # makes a list of answers of a list of items
    item: Any = None  # of this request
    # The same for requests that compute may be given together; None for one that is computed alone
    kind: Hashable | None = None
    size: int = 1  # how many images its item has


@dataclass(eq=False)
class _Ticket:
    """A request in the queue, and who waits for it."""

    request: Request
    person: Any
    generation: int
    waiting: int = 0
    is_begun: bool = False
    is_done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: BaseException | None = None


class Queue:
    """Computes what people ask for in threads of its own.

    People are served in turn, whoever asked first comes first: each turn serves one request of a person, who then goes
    to the end. Requests of the same kind are computed together, and the same one only once.

    Arguments:
        results: where answers are kept, and looked up.
        workers: how many threads; one a core unless given.
        people: who may wait at once.
        begin: called once in each thread, with the first request.

    Example:
        >>> queue = Queue(Results(limit=1000), workers=1)
        >>> queue.ask("Ada", Request("7 squared", lambda items: [n * n for n in items], 7))
        49
        >>> queue.close()
    """

    def __init__(
        self,
        results: Results,
        workers: int | None = None,
        people: int = PEOPLE,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self.results = results
        self._begin = begin
        self._people = people
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Hashable, deque[_Ticket]] = OrderedDict()  # by person, in the order of their turns
        self._open: dict[Hashable, _Ticket] = {}  # by key: waiting or being computed
        self._running = 0  # requests of people that are being computed
        self._busy = 0  # threads that compute
        #: When a person was here, by the monotonic clock.
        self.last_seen = time.monotonic()
        self._is_closed = False
        #: How many threads compute.
        self.workers = workers or _cores()
        self._threads: list[threading.Thread] = []

    def ask(self, person: Hashable, request: Request[T], waiting: Callable[[int], None] | None = None) -> T:
        """The answer to one request: see :meth:`ask_all`."""
        return self.ask_all(person, [request], waiting)[0]

    def ask_all(
        self, person: Hashable, requests: Sequence[Request[T]], waiting: Callable[[int], None] | None = None
    ) -> list[T]:
        """The answers, when all are there. Within a computation of the queue itself, they are computed at once.

        Arguments:
            person: who asks.
            requests: what is asked for; threads that have nothing else to do share them.
            waiting: called several times a second until then, with how many people are before this one. What it raises
                ends the waiting, and gives the places back unless somebody else waits for the same.

        Raises:
            FullError: too many people wait already, and this person is none of them.
        """
        found = [self.results.get(request.key) for request in requests]
        if threading.current_thread() in self._threads:
            pairs = zip(found, requests, strict=True)
            return [cast(T, self._at_once(request) if answer is MISSING else answer) for answer, request in pairs]
        tickets: dict[int, _Ticket] = {}
        try:
            with self._changed:
                for index in (index for index, answer in enumerate(found) if answer is MISSING):
                    tickets[index] = self._enter(person, requests[index])
                    tickets[index].waiting += 1
            for ticket in tickets.values():
                while not ticket.is_done.wait(_LOOK):
                    if waiting is not None:
                        waiting(self.before(ticket))
        finally:
            with self._changed:
                for ticket in tickets.values():
                    ticket.waiting -= 1
                    if not ticket.waiting and not ticket.is_begun:
                        self._withdraw(ticket)
        for index, ticket in tickets.items():
            if ticket.error is not None:
                raise ticket.error
            found[index] = ticket.answer
        return cast("list[T]", found)

    def touch(self) -> None:
        """Says that a person is here."""
        self.last_seen = time.monotonic()

    def before(self, ticket: _Ticket) -> int:
        """How many people come before a request, those included whose requests are being computed."""
        with self._changed:
            if ticket.is_begun:
                return 0
            people = list(self._waiting)
            place = people.index(ticket.person) if ticket.person in self._waiting else 0
            return place + self._running

    def close(self) -> None:
        """Ends the threads, after what they compute; requests that still wait are refused."""
        with self._changed:
            self._is_closed = True
            for tickets in self._waiting.values():
                for ticket in tickets:
                    ticket.error = RuntimeError("the server is being stopped")
                    ticket.is_done.set()
            self._waiting.clear()
            self._changed.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    # Under the lock -----------------------------------------------------------------------------------

    def _enter(self, person: Hashable, request: Request) -> _Ticket:
        """The ticket of a request: that of another person who asked for the same, or a new one."""
        self.touch()
        ticket = self._open.get(request.key)
        if ticket is not None and ticket.generation == self.results.generation:  # not of models that have changed since
            return ticket
        if self._is_closed:
            raise RuntimeError("the server is being stopped")
        if person not in self._waiting and len(self._waiting) >= self._people:
            raise FullError(len(self._waiting))
        ticket = self._open[request.key] = self._ticket(request, person)
        self._waiting.setdefault(person, deque()).append(ticket)
        self._start()
        self._changed.notify()
        return ticket

    def _ticket(self, request: Request, person: Hashable) -> _Ticket:
        return _Ticket(request, person, self.results.generation)

    def _withdraw(self, ticket: _Ticket) -> None:
        tickets = self._waiting.get(ticket.person)
        if tickets and ticket in tickets:
            tickets.remove(ticket)
            if not tickets:
                del self._waiting[ticket.person]
            self._forget(ticket)

    def _forget(self, ticket: _Ticket) -> None:
        if self._open.get(ticket.request.key) is ticket:  # and not one that was asked for after the models changed
            del self._open[ticket.request.key]

    def _start(self) -> None:
        """Starts the threads with the first request: what only lists checkpoints needs none."""
        if self._threads or self._is_closed:
            return
        atexit.register(self.close)  # a thread within PyTorch as Python ends would take the process down
        for number in range(self.workers):
            thread = threading.Thread(target=self._work, name=f"{THREAD}{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _next(self) -> list[_Ticket]:
        """Takes those whose turn it is: the first person's first request, and others of its kind.

        If another thread is idle, the other requests of the same people are left to it.
        """
        person = next(iter(self._waiting))
        is_shared = self._busy < len(self._threads) - 1
        first = self._take(person, 0)
        batch, size = [first], first.request.size
        if first.request.kind is None:
            return batch
        for other in list(self._waiting):
            if is_shared and other == person:
                continue
            for place, ticket in enumerate(self._waiting[other]):
                is_alike = ticket.request.kind == first.request.kind
                if is_alike and size + ticket.request.size <= TOGETHER:
                    batch.append(self._take(other, place))
                    size += ticket.request.size
                    break  # one of each person
        return batch

    def _take(self, person: Hashable, place: int) -> _Ticket:
        """Takes one request of a person, who goes to the end of the queue with what is left."""
        tickets = self._waiting.pop(person)
        ticket = tickets[place]
        del tickets[place]
        if tickets:
            self._waiting[person] = tickets
        ticket.is_begun = True
        return ticket

    # In the threads -----------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._begin()
        except Exception:  # whoever asks for something is told what is wrong
            _log.exception("a thread that computes could not be prepared")
        while True:
            with self._changed:
                batch = self._wait_for_work()
                if not batch:
                    return
                self._busy += 1
            _compute(batch)
            for ticket in batch:
                if ticket.error is None:
                    self.results.put(ticket.request.key, ticket.answer, ticket.generation)
            with self._changed:
                for ticket in batch:
                    self._forget(ticket)
                    ticket.is_done.set()
                self._busy -= 1
                self._running -= len(batch)
                self.touch()
                self._changed.notify_all()

    def _at_once(self, request: Request[T]) -> T:
        ticket = self._ticket(request, _NOBODY)
        (answer,) = request.compute([request.item])
        self.results.put(request.key, answer, ticket.generation)
        return answer

    def _wait_for_work(self) -> list[_Ticket]:
        """What a thread does next; nothing once the queue is closed."""
        while not self._is_closed:
            if self._waiting:
                batch = self._next()
                self._running += len(batch)
                return batch
            self._changed.wait()
        return []


def _compute(batch: list[_Ticket]) -> None:
    """Answers requests of one kind; if that fails, each by itself, so that one does not spoil the others'."""
    try:
        answers = batch[0].request.compute([ticket.request.item for ticket in batch])
        for ticket, answer in zip(batch, answers, strict=True):
            ticket.answer = answer
    except BaseException as error:  # whatever it is, it belongs to the page that asked
        if len(batch) == 1:
            batch[0].error = error
            return
        for ticket in batch:
            _compute([ticket])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
