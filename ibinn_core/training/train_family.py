"""Trains a family on the cores of this machine, or on a cluster of ``dask.distributed``."""

import dataclasses
import logging
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from ..checkpoint import CARD, CheckpointError, folders, read
from ..files import writing
from ..models.config import TrainingConfig
from ..places import TRUNKS
from .export import export
from .images import without_paths
from .recipe import Member
from .sources import architecture_of, is_finished, is_trunk
from .state import FILE, read_state
from .trainer import train


@dataclass(frozen=True)
class _Task:
    """The training of one member, with absolute paths."""

    config: TrainingConfig  # its init is a path
    run: Path  # folder of its state, or the trunk that has the training
    log: Path  # log file
    checkpoints: Path
    target: Path | None  # folder of its checkpoint; None for a trunk
    mixed_in: tuple[Path, float] | None
    awaited: set[str]  # ids of members that must be finished first


def train_family(
    members: Iterable[Member],
    folder: Path,
    checkpoints: Path,
    jobs: int | None = None,
    cluster: str | None = None,
    trunks: Path | None = None,
) -> None:
    """Trains and exports all ``members``; finished members are left unchanged.

    Each training is a task of ``dask.distributed``. If a worker dies, another worker continues from the last state.

    Arguments:
        members: the trainings, ancestors first.
        folder: folder for states and logs, with a folder for each member.
        checkpoints: folder for the checkpoints.
        jobs: trainings at a time on this machine, each on one core; ``None`` for one training per core.
        cluster: address of a dask scheduler; its workers then train the models. Each worker must have one thread, and
            the folders and the data set under the same paths as this process.
        trunks: folder of kept trunks (:mod:`.sources`). These are not trained again, nor are trunks that only they
            need. A model whose training is in this folder is only exported. Weights of another family may
            lie in this folder, in the repository's ``trunks/``, in ``folder``, or among the checkpoints.

    Raises:
        ImportError: the package distributed is missing.
        ValueError: another family's weights are missing, or workers have several threads.
        RuntimeError: raised at the end if anything failed. Members that need no failed member are trained.
    """
    tasks = _tasks(list(members), folder.resolve(), checkpoints.resolve(), trunks and trunks.resolve())
    order = TopologicalSorter({id: task.awaited & tasks.keys() for id, task in tasks.items()})
    with _client(jobs, cluster) as client:
        print(f"training on {cluster or client.dashboard_link}, logs in {folder}")
        _run_all(client, tasks, order)


def _tasks(members: list[Member], folder: Path, checkpoints: Path, trunks: Path | None) -> dict[str, _Task]:
    """Returns the tasks by member id, ancestors first."""
    kept = {member.id: trunks / member.id for member in members if trunks and is_trunk(trunks / member.id)}
    runs = {member.id: folder / member.id for member in members} | kept
    sources = [*([trunks] if trunks else []), TRUNKS, folder, checkpoints, *folders()]
    tasks = {}
    for member in _still_needed(members, kept):
        id, config, mixed_in = member.id, member.config, member.mixed_in
        if config.init and id not in kept:
            init = runs.get(config.init) or _outside(member, sources)
            config = dataclasses.replace(config, init=str(init))
        tasks[id] = _Task(
            config,
            runs[id],
            folder / id / "log.txt",
            checkpoints,
            checkpoints / id if member.exported else None,
            mixed_in and (runs[mixed_in[0]], mixed_in[1]),
            _awaited(member, kept),
        )
    return tasks


def _awaited(member: Member, kept: Mapping[str, Path]) -> set[str]:
    """Returns the ids of members that must be finished first, including teachers."""
    if member.id in kept:  # the member is only exported
        return {member.mixed_in[0]} if member.mixed_in else set()
    return {*member.needs, *member.config.teachers}


def _still_needed(members: list[Member], kept: Mapping[str, Path]) -> list[Member]:
    """Removes trunks that are kept, and trunks that only members in ``kept`` need."""
    sources = {name for member in members for name in member.needs}
    needed: list[Member] = []
    for member in reversed(members):
        is_source = any(member.id in _awaited(other, kept) for other in needed)
        if member.exported or (member.id not in kept and (is_source or member.id not in sources)):
            needed.insert(0, member)
    return needed


def _outside(member: Member, folders: list[Path]) -> Path:
    """Returns the folder of another family's weights from which a member starts."""
    source = str(member.config.init)
    for path in (folder / source for folder in folders):
        if is_trunk(path) or (path / FILE).exists() or (path / CARD).is_file():
            return path.resolve()
    searched = " nor ".join(map(str, dict.fromkeys(folders)))
    raise ValueError(
        f"{member.id} starts from {source}, which is neither in {searched}: fetch the repository's trunks/ and "
        "checkpoints/, and name the folder of the trunks with --trunks"
    )


def _client(jobs: int | None, cluster: str | None) -> Any:
    """Returns a dask client of a cluster, or of workers on this machine."""
    try:
        from distributed import Client
    except ImportError as error:
        message = "training a family needs the package distributed: pip install 'ibinn-explorer[training]'"
        raise ImportError(message) from error
    if cluster is None:
        local = {"memory_limit": 0, "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
        return Client(n_workers=jobs, threads_per_worker=1, **local)
    client: Any = Client(cluster)
    if any(threads != 1 for threads in client.nthreads().values()):
        client.close()
        raise ValueError(f"the workers of {cluster} have several threads: start them with --nthreads 1")
    return client


def _run_all(
    client: Any,
    tasks: Mapping[str, _Task],
    order: TopologicalSorter[str],
) -> None:
    """Runs the tasks in order; raises a RuntimeError at the end if any failed."""
    order.prepare()
    left, ready, running, failed = list(tasks), list(order.get_ready()), {}, {}
    while ready or running:
        client.wait_for_workers(1)
        ready.sort(key=left.index)
        # One task for each worker: a second could wait for hours while another worker is idle.
        while ready and len(running) < len(client.nthreads()):
            id = ready.pop(0)
            running[client.submit(_work, tasks[id], key=f"{id}-{uuid.uuid4().hex}")] = id
        for future in _ended(running):
            id = running.pop(future)
            if error := future.exception():
                failed[id] = f"{id} failed: {error} (log in {tasks[id].log})"
                print(failed[id])
            else:
                order.done(id)
                left.remove(id)
                if done := future.result():
                    print(f"{id}: {done}")
        ready += order.get_ready()
    if failed:
        raise RuntimeError(f"{'; '.join(failed.values())}: the same command continues with {', '.join(left)}")


def _ended(running: Iterable[Any]) -> Iterable[Any]:
    """Waits at most five seconds, since new workers may come; returns the ended tasks."""
    from distributed import wait

    try:
        found: Any = wait(list(running), timeout=5, return_when="FIRST_COMPLETED")
        return found.done
    except TimeoutError:
        return ()


def _work(task: _Task) -> str:
    """Trains and exports a member on a worker, if that is left to do; returns what it did."""
    with writing(task.log):
        task.log.parent.mkdir(parents=True, exist_ok=True)
        task.log.touch()
    listed = os.environ.get("IBINN_CHECKPOINTS", "")
    os.environ["IBINN_CHECKPOINTS"] = os.pathsep.join([str(task.checkpoints), listed])  # folders of the teachers
    with open(task.log, "a") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            return " and ".join(_steps(task))
        except Exception as error:
            print(error)
            raise RuntimeError(str(error)) from None  # not every exception can be sent between processes
        finally:
            os.environ["IBINN_CHECKPOINTS"] = listed


def _steps(task: _Task) -> Iterator[str]:
    if not (is_trunk(task.run) or is_finished(task.run)):
        config = task.config
        if config.init is not None:  # weights of another family may have an older architecture
            config = dataclasses.replace(config, architecture=architecture_of(config.init))
        train(config, task.run)
        yield "trained"
    if task.target is not None and not _is_exported(task.run, task.target):
        export(task.run, task.target, mixed_in=task.mixed_in)
        yield f"exported to {task.target}"


def _is_exported(run: Path, target: Path) -> bool:
    """Checks that ``target`` is a checkpoint of this training. Ignores file times, since clocks may jump."""
    if not (run / FILE).exists():
        return (target / CARD).exists()
    _, progress, values = read_state(run)
    try:
        known = read(target)
    except CheckpointError:
        return False
    spent = {"steps": progress.step, "seconds": round(progress.seconds)}
    is_same = known.training == TrainingConfig.from_dict(without_paths(values))
    return is_same and spent.items() <= known.config["budget"].items()
