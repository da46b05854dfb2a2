"""Long work on a page: asked for by a button, shown while it goes on, and ended by another button."""

from collections.abc import Callable, Hashable

import streamlit as st

from app.inference.jobs import Job, Jobs
from app.models.asking import RESULTS, person

JOBS = Jobs(RESULTS)
EVERY = 1.0  # seconds between looks at how far it is


def offer(
    key: str, label: str, about: str, usual: str, result: Hashable, function: str, arguments: Callable[[], tuple]
) -> object | None:
    """A button that has something computed in the process for long work, and the result once it is there.

    Arguments:
        key: of the widgets; what was asked for once is computed for other arguments too, until it is cancelled.
        label: of the button.
        about: what is computed, for people.
        usual: how long it takes, in words.
        result: key of the result, the same for everybody.
        function: as :meth:`app.inference.jobs.Jobs.ask` takes it.
        arguments: makes its arguments, once they are needed.
    """
    wanted, last = f"{key}-wanted", f"{key}-job"
    if st.button(label, key=f"{key}-button", help=f"{about}: {usual}."):
        st.session_state[wanted] = True
        st.session_state.pop(last, None)
    if not st.session_state.get(wanted):
        return None
    job: Job | None = st.session_state.get(last)
    if job is None or job.key != result:
        job = st.session_state[last] = JOBS.ask(person(), result, function, *arguments())
    if job.state == "done":
        return job.result
    _show(key, about, usual, job)
    return None


@st.fragment(run_every=EVERY)  # the page around it can be used meanwhile
def _show(key: str, about: str, usual: str, job: Job) -> None:
    """How far it is, until it has ended."""
    JOBS.seen(job, person())
    if job.state == "done":
        st.rerun()  # the whole page, which now has the result
    if not job.is_open:
        st.warning(job.error or "It was cancelled.", icon=":material/timer_off:")
        return
    st.markdown(f"{about} … {_progress(job, usual)}")
    if st.button("Cancel", key=f"{key}-cancel", icon=":material/close:"):
        JOBS.cancel(job, person())
        st.session_state[f"{key}-wanted"] = False
        st.rerun()


def _progress(job: Job, usual: str) -> str:
    if job.state == "running":
        return f"for {job.seconds:.0f} seconds now; it takes {usual}."
    before = JOBS.before(job)
    who = "1 person is" if before == 1 else f"{before} people are"
    return f"{who} before you; it takes {usual}, one after the other."
