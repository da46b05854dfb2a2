"""Long work, one thing at a time, in a process of its own: there it cannot slow the pages of other people.

In a thread of the server it could: Python runs one thread at a time, and a library that computes for half a minute
takes most of the turns. One process, because each takes up some 300 MB with what it has to import.
"""

import atexit
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

from app.inference.process import EndedError, Process
from app.inference.results import MISSING, Results

NICE = 10  # so that the pages, which people wait for, come first
LIMIT = 240.0  # seconds that a job may take; half a minute is usual
PATIENCE = 30.0  # seconds without a sign of the person, after which a job is given up
IDLE = 300.0  # seconds without a job after which the process ends and gives its memory back

State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(eq=False)
class Job:
    """Something long that people wait for."""

    key: Hashable  # of its result among the results
    function: str
    arguments: tuple
    generation: int
    state: State = "waiting"  # where it stands
    error: str = ""  # what went wrong, in a sentence, if it has failed
    result: object = None  # what came out, if it is done
    begin: float | None = None
    people: dict[Hashable, float] = field(default_factory=dict)  # when each was seen last

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return 0.0 if self.begin is None else time.monotonic() - self.begin

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")


class Jobs:
    """The jobs of all people, first come, first served; each person has one at a time.

    Arguments:
        results: where results are kept.
        limit: seconds that a job may take.
        patience: seconds without a sign of anybody who waits for it, after which a job is given up.
        idle: seconds without a job after which the process is ended.
    """

    def __init__(self, results: Results, limit: float = LIMIT, patience: float = PATIENCE, idle: float = IDLE) -> None:
        self.results = results
        self._limit, self._patience, self._idle = limit, patience, idle
        self._changed = threading.Condition()
        self._jobs: list[Job] = []  # those that are open, the running one first
        self._process: Process | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def ask(self, person: Hashable, key: Hashable, function: str, *arguments: object) -> Job:
        """The job that makes a result: it is joined if somebody asked for the same, else it goes to the end.

        Another job of this person is given up; by asking again and again a person shows that they still wait. The
        function is named as ``"package.module:name"``, of a module that does not import Streamlit.
        """
        found = self.results.get(key)
        with self._changed:
            generation = self.results.generation  # a job of models that have changed since is another one
            job = next((job for job in self._jobs if (job.key, job.generation) == (key, generation)), None)
            for other in list(self._jobs):
                if other is not job:
                    self._leave(other, person)
            if job is None:
                job = Job(key, function, arguments, generation)
                if found is not MISSING:
                    job.state, job.result = "done", found
                    return job
                self._jobs.append(job)
                self._start()
                self._changed.notify_all()
            job.people[person] = time.monotonic()
        return job

    def seen(self, job: Job, person: Hashable) -> None:
        """Says that a person still waits for a job."""
        with self._changed:
            if person in job.people:
                job.people[person] = time.monotonic()

    def cancel(self, job: Job, person: Hashable) -> None:
        """A person waits no more; a job that nobody waits for is stopped."""
        with self._changed:
            self._leave(job, person)

    def before(self, job: Job) -> int:
        """How many people wait for jobs that come before this one."""
        with self._changed:
            if job not in self._jobs:
                return 0
            return len({person for other in self._jobs[: self._jobs.index(job)] for person in other.people})

    def close(self) -> None:
        """Ends the process, and whatever it does."""
        with self._changed:
            self._is_closed = True
            for job in list(self._jobs):
                self._end(job, "cancelled")
            self._changed.notify_all()
            thread = self._thread
        self._stop()
        if thread is not None:
            thread.join(10)

    # Under the lock -----------------------------------------------------------------------------------

    def _leave(self, job: Job, person: Hashable) -> None:
        job.people.pop(person, None)
        if job.is_open and not job.people:
            self._end(job, "cancelled")

    def _end(self, job: Job, state: State, error: str = "") -> None:
        """Takes a job that is open off the list; the process of one that runs is stopped."""
        if not job.is_open:
            return
        is_running, job.state, job.error = job.state == "running", state, error
        job.arguments = ()  # a page remembers its last job, and need not keep those
        self._jobs.remove(job)
        if is_running and state != "done":
            self._stop()
        self._changed.notify_all()

    def _start(self) -> None:
        if self._thread is None:
            atexit.register(self.close)
            self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
            self._thread.start()
            threading.Thread(target=self._watch, name="jobs-watch", daemon=True).start()

    # In the threads -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._is_closed:
                    if not self._changed.wait(self._idle) and not self._jobs:
                        self._stop()
                if self._is_closed:
                    return
                job = self._jobs[0]
                job.state, job.begin = "running", time.monotonic()
                try:
                    process = self._running_process()
                except Exception as error:  # the system starts no more processes
                    self._end(job, "failed", f"{type(error).__name__}: {error}")
                    continue
            is_done, answer = self._do(process, job)
            with self._changed:
                if is_done:
                    self.results.put(job.key, answer, job.generation)
                    job.result = answer
                    self._end(job, "done")
                else:
                    self._end(job, "failed", str(answer))

    def _do(self, process: Process, job: Job) -> tuple[bool, object]:
        """Whether it came out well, and what came out."""
        try:
            return True, process.call(job.function, *job.arguments)
        except EndedError as error:  # it was stopped, here or by the system
            return False, error
        except Exception as error:
            return False, f"{type(error).__name__}: {error}"

    def _watch(self) -> None:
        """Gives up jobs that take too long, and those that nobody waits for any more."""
        while not self._is_closed:
            time.sleep(min(1.0, self._patience / 4, self._limit / 4))
            with self._changed:
                for job in list(self._jobs):
                    for person, last in list(job.people.items()):
                        if time.monotonic() - last > self._patience:
                            self._leave(job, person)
                    if job.state == "running" and job.seconds > self._limit:
                        self._end(job, "failed", f"It took longer than {self._limit:.0f} seconds and was stopped.")

    def _running_process(self) -> Process:
        if self._process is None or not self._process.is_running:
            self._process = Process(nice=NICE)
        return self._process

    def _stop(self) -> None:
        """Ends the process, which keeps nothing that would be lost."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
