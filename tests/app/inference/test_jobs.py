"""Long work in a process of its own: one thing at a time, with a limit, and only while somebody waits for it."""

import os
from pathlib import Path

import numpy as np
import pytest
from waiting_helpers import Clock, until

from app.inference import jobs as jobs_module
from app.inference.jobs import Jobs
from app.inference.results import Results

FOREVER = ("time:sleep", 600)


@pytest.fixture
def make_jobs():
    made = []

    def make(**options) -> Jobs:
        made.append(Jobs(Results(10**6), **options))
        return made[-1]

    yield make
    for jobs in made:
        jobs.close()


@pytest.fixture
def jobs(make_jobs):
    return make_jobs()


def test_it_is_computed_in_another_process_and_kept(jobs):
    job = jobs.ask("a", "pid", "os:getpid")
    until(lambda: job.state == "done")
    assert job.result != os.getpid()
    again = jobs.ask("b", "pid", "os:abort")  # the result is there already
    assert again.state == "done" and again.result == job.result


def test_arrays_go_there_and_come_back(jobs):
    job = jobs.ask("a", "sum", "numpy:cumsum", np.arange(5))
    until(lambda: not job.is_open)
    assert job.result.tolist() == [0, 1, 3, 6, 10]


def test_one_at_a_time_first_come_first_served(jobs):
    first = jobs.ask("a", 1, *FOREVER)
    second, third = jobs.ask("b", 2, "operator:add", 1, 1), jobs.ask("c", 3, "operator:add", 1, 2)
    until(lambda: first.state == "running")
    assert [jobs.before(job) for job in (first, second, third)] == [0, 1, 2]
    assert second.state == third.state == "waiting"
    jobs.cancel(first, "a")
    until(lambda: third.state == "done")
    assert first.state == "cancelled" and (second.result, third.result) == (2, 3)


def test_what_a_person_asks_for_next_replaces_what_they_asked_for_before(jobs):
    before = jobs.ask("a", 1, *FOREVER)
    until(lambda: before.state == "running")
    after = jobs.ask("a", 2, "operator:add", 1, 1)
    assert before.state == "cancelled"
    until(lambda: after.state == "done")


def test_who_asks_for_the_same_waits_for_the_same_job_and_one_may_leave(jobs):
    one, other = jobs.ask("a", 1, *FOREVER), jobs.ask("b", 1, *FOREVER)
    assert one is other
    until(lambda: one.state == "running")
    jobs.cancel(one, "a")
    assert one.state == "running"
    jobs.cancel(one, "b")
    assert one.state == "cancelled"


def test_a_job_that_takes_too_long_is_stopped_and_the_next_one_runs(make_jobs):
    jobs = make_jobs(limit=1.0)
    long, short = jobs.ask("a", 1, *FOREVER), jobs.ask("b", 2, "operator:add", 1, 1)
    until(lambda: long.state == "failed")
    assert "longer than 1 seconds" in long.error
    until(lambda: not short.is_open)


def test_a_job_whose_people_have_gone_is_given_up(make_jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "time", clock := Clock())
    jobs = make_jobs(patience=30.0)
    gone, other = jobs.ask("a", 1, *FOREVER), jobs.ask("b", 2, *FOREVER)
    clock.now = 29.0
    jobs.seen(other, "b")
    assert gone.is_open
    clock.now = 31.0
    until(lambda: gone.state == "cancelled")
    assert other.is_open


def test_an_error_is_said_and_the_process_goes_on(jobs):
    failed = jobs.ask("a", 1, "operator:truediv", 1, 0)
    until(lambda: not failed.is_open)
    assert failed.state == "failed" and failed.error == "ZeroDivisionError: division by zero"
    first, second = jobs.ask("b", 2, "os:getpid"), jobs.ask("c", 3, "os:getpid")
    until(lambda: second.state == "done")
    assert first.result == second.result


def test_a_process_that_dies_is_replaced(jobs):
    died = jobs.ask("a", 1, "os:_exit", 3)
    until(lambda: not died.is_open)
    assert died.state == "failed" and "ended unexpectedly" in died.error
    after = jobs.ask("b", 2, "operator:add", 1, 1)
    until(lambda: after.state == "done")


def test_without_work_the_process_ends(make_jobs):
    jobs = make_jobs(idle=0.3)
    job = jobs.ask("a", 1, "os:getpid")
    until(lambda: job.state == "done")
    until(lambda: not Path(f"/proc/{job.result}").exists())
    after = jobs.ask("a", 2, "operator:add", 1, 1)
    until(lambda: after.state == "done")


def test_closing_ends_the_process(jobs):
    pid, job = jobs.ask("a", 1, "os:getpid"), jobs.ask("b", 2, *FOREVER)
    until(lambda: job.state == "running")
    jobs.close()
    assert job.state == "cancelled" and not Path(f"/proc/{pid.result}").exists()


def test_what_a_job_prints_does_not_come_between_the_answers(jobs):
    job = jobs.ask("a", 1, "builtins:print", "a library that talks")
    until(lambda: not job.is_open)
    assert job.state == "done"


def test_the_process_is_nicer_than_the_server(jobs):
    job = jobs.ask("a", 1, "os:nice", 0)
    until(lambda: job.state == "done")
    assert job.result > os.nice(0)


def test_a_process_that_cannot_be_started_fails_its_job_and_no_other(jobs, monkeypatch):
    start = Jobs._running_process
    monkeypatch.setattr(Jobs, "_running_process", lambda self: (_ for _ in ()).throw(OSError("no more processes")))
    job = jobs.ask("a", 1, "operator:add", 1, 1)
    until(lambda: not job.is_open)
    assert job.state == "failed" and "no more processes" in job.error
    monkeypatch.setattr(Jobs, "_running_process", start)
    after = jobs.ask("a", 2, "operator:add", 1, 2)
    until(lambda: after.state == "done")
    assert after.result == 3


def test_a_job_of_models_that_have_changed_since_is_another_one(jobs):
    before = jobs.ask("a", "same", *FOREVER)
    jobs.results.clear()
    after = jobs.ask("b", "same", "operator:add", 1, 1)
    assert after is not before and jobs.ask("c", "same", "operator:add", 1, 1) is after
