"""Trains a family on the cores of this machine, or on a cluster of ``dask.distributed``."""

import dataclasses
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from ..checkpoint import CARD, WEIGHTS, folders
from ..files import writing
from ..models.config import TrainingConfig
from ..places import TRUNKS
from .export import export
from .recipe import Member
from .sources import architecture_of, is_finished, is_kept, is_trunk
from .state import FILE
from .trainer import train


@dataclass(frozen=True)
class _Places:
    """The folders of a family, all absolute."""

    folder: Path  # of states and logs
    checkpoints: Path
    kept: Mapping[str, Path]  # what is not trained again, and what is of another family

    def run(self, id: str) -> Path:
        """The folder of a training's state, or of what is kept of it."""
        return self.kept.get(id, self.folder / id)

    def log(self, member: Member) -> Path:
        """The file that a training writes its progress to."""
        return self.folder / member.id / "log.txt"


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

    Each training is a task of ``dask.distributed``. If its worker dies, another one continues from its last state.

    Arguments:
        members: ancestors first.
        folder: for states and logs, one folder for each member.
        checkpoints: folder for the checkpoints.
        jobs: trainings at a time on this machine, each on one core; one for each core if ``None``.
        cluster: address of a dask scheduler, whose workers train instead. Each has one thread, and finds the folders
            and the data set under the same paths as this process.
        trunks: folder of kept trunks (:mod:`.sources`), which are not trained again, nor what only they started from. A
            model whose finished training is kept there is only exported. What starts from another family finds it
            there, in the repository's ``trunks/``, in ``folder``, or among the checkpoints.
        say: called with each line of progress.

    Raises:
        ImportError: without the package distributed.
        ValueError: for another family's weights that are nowhere, or workers of several threads.
        RuntimeError: at the end, if anything failed; whatever does not need it is trained.
    """
    members = list(members)
    folder, checkpoints = folder.resolve(), checkpoints.resolve()
    kept = _kept(members, trunks)
    members = _still_needed(members, kept)
    trained = [member for member in members if member.id not in kept]
    outside = _outside(trained, folder, [place for place in (trunks, TRUNKS) if place], checkpoints)
    for source in outside.values():
        architecture_of(source)  # what is damaged is told before anything is trained
    by_id = {member.id: member for member in members}
    order = TopologicalSorter({id: _awaited(member, kept) & by_id.keys() for id, member in by_id.items()})
    places = _Places(folder, checkpoints, kept | outside)
    with _client(jobs, cluster) as client:
        say(f"training on {cluster or client.dashboard_link}, logs in {folder}")
        _run_all(client, by_id, order, places, say)


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
        paths = [place / source for place in (*places, folder, checkpoints, *folders())]
        path = next((one for one in paths if is_trunk(one) or (one / FILE).exists() or (one / CARD).is_file()), None)
        if path is None:
            looked = " nor ".join(map(str, [*places, folder]))
            raise ValueError(
                f"{id} starts from {source}, which is neither in {looked} nor among the checkpoints: fetch "
                "the repository's trunks/ and checkpoints/, and name the folder of the trunks with --trunks"
            )
        found[source] = path.resolve()
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


def _client(jobs: int | None, cluster: str | None) -> Any:
    """A dask client of the cluster at an address, or of as many workers on this machine."""
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
    members: Mapping[str, Member],
    order: TopologicalSorter[str],
    places: _Places,
    say: Callable[[str], object],
) -> None:
    """Trains the members, the first of the recipe first; a RuntimeError at the end if any failed."""
    order.prepare()
    left, ready, running, failed = list(members), list(order.get_ready()), {}, {}
    while ready or running:
        client.wait_for_workers(1)
        ready.sort(key=left.index)
        # A task that waits on a busy worker may wait for hours while another worker is idle, so dask gets no more tasks
        # than it has workers.
        while ready and len(running) < len(client.nthreads()):
            id = ready.pop(0)
            running[client.submit(_work, members[id], places, key=f"{id}-{uuid.uuid4().hex}")] = id
        for future in _ended(running):
            id = running.pop(future)
            if error := future.exception():
                failed[id] = f"{id} failed: {error} (log in {places.log(members[id])})"
                say(failed[id])
            else:
                order.done(id)
                left.remove(id)
                if done := future.result():
                    say(f"{id}: {done}")
        ready += order.get_ready()
    if failed:
        raise RuntimeError(f"{'; '.join(failed.values())}: the same command goes on with {', '.join(left)}")


def _ended(running: Iterable[Any]) -> Iterable[Any]:
    """The tasks that have ended; none after five seconds, since workers may have come meanwhile."""
    from distributed import wait

    try:
        found: Any = wait(list(running), timeout=5, return_when="FIRST_COMPLETED")
        return found.done
    except TimeoutError:
        return ()


def _work(member: Member, places: _Places) -> str:
    """Trains and exports what is not yet, on a worker; returns what it has done."""
    log = places.log(member)
    with writing(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
    listed = os.environ.get("IBINN_CHECKPOINTS", "")
    os.environ["IBINN_CHECKPOINTS"] = os.pathsep.join([str(places.checkpoints), listed])  # of the teachers
    with open(log, "a") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            return " and ".join(_steps(member, places))
        except Exception as error:
            print(error)
            raise RuntimeError(str(error)) from None  # which can travel, as not every exception can
        finally:
            os.environ["IBINN_CHECKPOINTS"] = listed


def _steps(member: Member, places: _Places) -> Iterator[str]:
    run, target = places.run(member.id), places.checkpoints / member.id
    if not (((run / FILE).exists() or is_kept(run)) and is_finished(run)):
        train(_config(member, places), run)
        yield "trained"
    if member.exported and not _is_exported(run, target):
        mixed_in = member.mixed_in and (places.run(member.mixed_in[0]), member.mixed_in[1])
        export(run, target, mixed_in=mixed_in)
        yield f"exported to {target}"


def _config(member: Member, places: _Places) -> TrainingConfig:
    """The training with the path of what it starts from, and in the architecture of that.

    The recipe knows only today's, and a tree that starts from another family's may have begun with an older one.
    """
    if member.config.init is None:
        return member.config
    source = places.run(member.config.init)
    return dataclasses.replace(member.config, init=str(source), architecture=architecture_of(source))


def _is_exported(run: Path, target: Path) -> bool:
    """Whether the checkpoint is at least as new as the end of the training, which ``run`` holds."""
    card, end = target / CARD, run / (WEIGHTS if is_kept(run) else FILE)
    return card.exists() and card.stat().st_mtime >= end.stat().st_mtime
