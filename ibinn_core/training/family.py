"""Trains a family on the cores of this machine, or on a cluster of ``dask.distributed``."""

import dataclasses
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..checkpoint import CARD, WEIGHTS, folders
from ..files import writing
from ..places import TRUNKS
from .export import export
from .mixed_in import MixedIn
from .outcome import is_finished, is_kept
from .recipe import Member
from .state import FILE
from .trainer import train
from .trunk import is_trunk
from .warm_start import architecture_of

if TYPE_CHECKING:
    from distributed import Client, Future

    from ..models.config import TrainingConfig

LOG = "log.txt"


def train_family(
    members: Iterable[Member],
    folder: Path,
    checkpoints: Path,
    jobs: int | None = None,
    cluster: str | None = None,
    trunks: Path | None = None,
    say: Callable[[str], object] = print,
) -> None:
    """Trains and exports all ``members``; those that are finished already are left as they are.

    Each training is a task of ``dask.distributed``. If the process that trains it dies, another worker continues from
    the state that was saved last.

    Arguments:
        members: ancestors first.
        folder: for the trainings' states and logs, one folder for each member.
        checkpoints: folder for the checkpoints.
        jobs: number of trainings at a time on this machine, each on one core; one for each core if ``None``.
        cluster: the address of a dask scheduler, whose workers train instead. Each has one thread, and finds the
            folders and the data set under the same paths as this process.
        trunks: folder of kept trunks (:mod:`.trunk`). Trunks that are found there are not trained again, and neither
            are the trainings from which only they started. A model whose finished training is kept there is exported
            from it and not trained again. What starts from another family's trunk or model finds it there, else in
            the repository's ``trunks/``, among the trainings in ``folder``, or among the checkpoints.
        say: called with each line of progress.

    Raises:
        ImportError: without the package distributed.
        ValueError: for a member whose ancestor is not among ``members``, another family's weights that are nowhere,
            or workers of several threads.
        RuntimeError: if a training or an export fails, at the end; whatever does not need it is trained.
    """
    members = list(members)
    folder, checkpoints = folder.resolve(), checkpoints.resolve()
    _check(members)
    kept = _kept(members, trunks)
    members = _still_needed(members, kept)
    trained = [member for member in members if member.id not in kept]
    outside = _outside(trained, folder, [place for place in (trunks, TRUNKS) if place], checkpoints)
    for source in outside.values():
        architecture_of(source)  # what is damaged is told before anything is trained
    awaited = {member.id: _awaited(member, kept) & {one.id for one in members} for member in members}
    tasks = {member.id: _task(member, folder, checkpoints, kept | outside) for member in members}
    with _client(jobs, cluster) as client:
        say(f"training on {client.dashboard_link}, logs in {folder}")
        _run_all(client, tasks, awaited, say)


def _check(members: list[Member]) -> None:
    known: set[str] = set()
    for member in members:
        for missing in sorted(member.needs - known):
            raise ValueError(f"{member.id} needs {missing}, which does not come before it")
        known.add(member.id)


def _kept(members: list[Member], trunks: Path | None) -> dict[str, Path]:
    """The trunks of the family that are stored already, and those trainings of its models that are finished."""
    if trunks is None:
        return {}
    wanted = [member.id for member in members if not member.exported]
    stored = [member for member in members if is_trunk(trunks / member.id)]
    of_use = [member.id for member in stored if not member.exported or is_finished(trunks / member.id)]
    if wanted and not of_use and not any(member.starts_outside for member in members):
        raise ValueError(f"{trunks} holds none of the trunks {', '.join(wanted)}: train them, without --trunks")
    return {id: trunks.resolve() / id for id in of_use}


def _outside(members: list[Member], folder: Path, places: list[Path], checkpoints: Path) -> dict[str, Path]:
    """What members start from that another family has: its trunks, and its models."""
    found = {}
    for source, id in {str(member.config.init): member.id for member in members if member.starts_outside}.items():
        paths = [place / source for place in places if is_trunk(place / source)]
        paths += [folder / source] if (folder / source / FILE).exists() else []
        paths += [place / source for place in (checkpoints, *folders()) if (place / source / CARD).is_file()]
        if not paths:
            looked = " nor ".join(map(str, [*places, folder]))
            raise ValueError(
                f"{id} starts from {source}, which is neither in {looked} nor among the checkpoints: fetch "
                "the repository's trunks/ and checkpoints/, and name the folder of the trunks with --trunks"
            )
        found[source] = paths[0].resolve()
    return found


def _awaited(member: Member, kept: Mapping[str, Path]) -> set[str]:
    """The ids of what must be finished before a member begins, its teachers too."""
    if member.id in kept:  # it is only to be exported
        return {member.mixed_in[0]} if member.mixed_in else set()
    return {*member.needs, *member.config.teachers}


def _still_needed(members: list[Member], kept: Mapping[str, Path]) -> list[Member]:
    """Without the trunks that are kept, and without those that only what is kept started from."""
    sources = {name for member in members for name in member.needs}
    needed: list[Member] = []
    for member in reversed(members):
        is_source = any(member.id in _awaited(other, kept) for other in needed)
        if member.exported or (member.id not in kept and (is_source or member.id not in sources)):
            needed.insert(0, member)
    return needed


# --- the graph ------------------------------------------------------------------------------------------------------


def _client(jobs: int | None, cluster: str | None) -> "Client":
    """A client of the cluster at an address, or of as many workers on this machine."""
    try:
        from distributed import Client
    except ImportError as error:
        message = "training a family needs the package distributed: pip install 'ibinn-explorer[training]'"
        raise ImportError(message) from error
    if cluster is None:
        local = {"memory_limit": 0, "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
        return Client(n_workers=jobs, threads_per_worker=1, **local)
    client = Client(cluster)
    if any(threads != 1 for threads in _threads(client).values()):
        client.close()
        raise ValueError(f"the workers of {cluster} have several threads: start them with --nthreads 1")
    return client


def _run_all(
    client: "Client", tasks: dict[str, "_Task"], awaited: dict[str, set[str]], say: Callable[[str], object]
) -> None:
    """Runs the tasks, the first of the recipe first; a RuntimeError at the end if any failed."""
    order, ranks = TopologicalSorter(awaited), list(tasks)
    order.prepare()
    ready, running, failed = list(order.get_ready()), {}, {}
    while ready or running:
        client.wait_for_workers(1)
        ready.sort(key=ranks.index)
        # A task that waits on a busy worker may wait for hours while another worker is idle, so dask gets no more tasks
        # than it has workers.
        while ready and len(running) < len(_threads(client)):
            id = ready.pop(0)
            running[client.submit(_work, tasks[id], key=f"{id}-{uuid.uuid4().hex}")] = id
        for future in _ended(running):
            id = running.pop(future)
            if error := future.exception():
                failed[id] = f"{id} failed: {error} (log in {tasks[id].log})"
                say(failed[id])
            else:
                order.done(id)
                ranks.remove(id)
                if done := future.result():
                    say(f"{id}: {done}")
        ready += order.get_ready()
    if failed:
        raise RuntimeError(f"{'; '.join(failed.values())}: the same command goes on with {', '.join(ranks)}")


def _threads(client: "Client") -> dict[str, int]:
    """The number of threads of each worker that is there."""
    return cast("dict[str, int]", client.nthreads())


def _ended(running: Iterable["Future"]) -> Iterable["Future"]:
    """Those that have ended, which is looked at again after a while, since workers may have come."""
    from distributed import wait

    try:
        return cast(Any, wait(list(running), timeout=5, return_when="FIRST_COMPLETED")).done  # its stubs are async's
    except TimeoutError:
        return ()


# --- what a worker does ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """A training and its export, for a worker; all paths are absolute."""

    member: Member
    run: Path  # the folder of the training's state, or of what is kept of it
    log: Path
    source: Path | None  # what it starts from
    target: Path | None  # the checkpoint
    mixed_in: MixedIn | None
    listed: str  # the folders of checkpoints, in which teachers are found; those that were trained just now come first


def _task(member: Member, folder: Path, checkpoints: Path, kept: Mapping[str, Path]) -> _Task:
    source, mixed_in = member.config.init, None
    if member.mixed_in:
        name, share = member.mixed_in
        mixed_in = MixedIn(str(kept.get(name, folder / name)), share)
    return _Task(
        member,
        kept.get(member.id, folder / member.id),
        folder / member.id / LOG,
        kept.get(source, folder / source) if source else None,
        checkpoints / member.id if member.exported else None,
        mixed_in,
        os.pathsep.join([str(checkpoints), os.environ.get("IBINN_CHECKPOINTS", "")]),
    )


def _work(task: _Task) -> str:
    """Trains and exports what is not yet; returns what it has done."""
    with writing(task.log):
        task.log.parent.mkdir(parents=True, exist_ok=True)
        task.log.touch()
    os.environ["IBINN_CHECKPOINTS"] = task.listed
    with open(task.log, "a") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            return " and ".join(_steps(task))
        except Exception as error:
            print(error)
            raise RuntimeError(str(error)) from None  # which can travel, as not every exception can


def _steps(task: _Task) -> Iterable[str]:
    if not _is_trained(task.run):
        train(_config(task), task.run)
        yield "trained"
    if task.target and not _is_exported(task.run, task.target):
        export(task.run, task.target, mixed_in=task.mixed_in)
        yield f"exported to {task.target}"


def _config(task: _Task) -> "TrainingConfig":
    """The training with the path of what it starts from, and in the architecture of that.

    The recipe knows only today's, and a tree that starts from another family's may have begun with an older one.
    """
    config = task.member.config
    if task.source is None:
        return config
    return dataclasses.replace(config, init=str(task.source), architecture=architecture_of(task.source))


def _is_trained(run: Path) -> bool:
    """Whether a folder holds a finished training, or what is kept of one."""
    return ((run / FILE).exists() or is_kept(run)) and is_finished(run)


def _is_exported(run: Path, target: Path) -> bool:
    """Whether the checkpoint is at least as new as the end of the training, which ``run`` holds."""
    card, end = target / CARD, run / (WEIGHTS if is_kept(run) else FILE)
    return card.exists() and card.stat().st_mtime >= end.stat().st_mtime
