"""Long work on a page: asked for by a button, shown while it goes on, and ended by another button."""

from collections.abc import Callable, Hashable

import streamlit as st

from app import state
from app.inference.jobs import Job, Jobs
from app.models.asking import RESULTS, person, who_is_before

JOBS = Jobs(RESULTS)
EVERY = 1.0  # seconds between looks at how far it is


def offer(
    key: str,
    name: str,
    label: str,
    usual: str,
    result: Hashable,
    function: str,
    arguments: Callable[[], tuple],
) -> object | None:
    """A button that has something computed in the process for long work, and the result once it is there.

    Arguments:
        key: of the widgets.
        name: of what is computed, for people.
        label: of the button.
        usual: how long it takes, in words.
        result: key of the result, the same for everybody.
        function: as :meth:`app.inference.jobs.Jobs.ask` takes it.
        arguments: makes its arguments, once they are needed.
    """
    if state.get(state.WANTED.of(key)):
        job: Job | None = state.get(state.JOB.of(key))
        if job is None or job.key != result:
            state.put(state.JOB.of(key), job := JOBS.ask(person(), result, function, *arguments()))
        if job.state == "done":
            return job.result
        if job.is_open:
            _show(key, name, usual, job)  # in the place of the button
            return None
        st.warning(job.error or f"{name} was stopped, because nobody seemed to wait.", icon=":material/timer_off:")
    st.button(
        label,
        key=f"{key}-button",
        help=f"{name} takes {usual}.",
        on_click=_want,
        args=(key,),
    )
    return None


def _want(key: str) -> None:
    state.put(state.WANTED.of(key), True)
    state.take(state.JOB.of(key))


def _forget(key: str) -> None:
    """This person does not wait any more for what they asked for."""
    state.put(state.WANTED.of(key), False)
    if job := state.take(state.JOB.of(key)):
        JOBS.cancel(job, person())


@st.fragment(run_every=EVERY)  # the page around it can be used meanwhile
def _show(key: str, name: str, usual: str, job: Job) -> None:
    """How far it is, until it has ended."""
    JOBS.seen(job, person())
    if not job.is_open:
        st.rerun()  # the whole page, which shows what came out
    if st.button(f"Cancel {name}", key=f"{key}-cancel", icon=":material/close:"):
        _forget(key)
        st.rerun()
    st.caption(_progress(job, name, usual))


def _progress(job: Job, name: str, usual: str) -> str:
    if job.state == "running":
        return f"{name} has been running for {job.seconds:.0f} s; it takes {usual}."
    return f"{who_is_before(JOBS.before(job))}. {name} takes {usual}, one after the other."
