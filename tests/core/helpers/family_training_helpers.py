"""Trainings of a family in the process of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import LocalCluster


@contextmanager
def cluster_in_this_process() -> Iterator[str]:
    """The address of a cluster with one worker, a thread of this process. It is quick, and sees a test's patches."""
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address
