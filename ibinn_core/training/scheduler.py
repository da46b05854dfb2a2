"""Training and exporting many members of a recipe, several at a time.

Each training is a process of its own (``python -m ibinn_core train``, then ``export``), so that several run at the
same time, and one that was interrupted continues where it stopped.
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter
from pathlib import Path
from types import FrameType

from ..checkpoint import CARD, WEIGHTS, folders
from ..files import write_text, writing
from ..models.config import TrainingConfig
from ..places import TRUNKS
from .outcome import is_finished, is_kept
from .recipe import Member
from .state import FILE
from .trunk import is_trunk
from .warm_start import architecture_of

CONFIG, LOG = "config.json", "log.txt"
PATIENCE = 10  # seconds that a process has to end when it is asked to, before it is killed


class EndedError(RuntimeError):
    """The command was ended by a signal; what it had started is ended too.

    Attributes:
        signum: the number of the signal.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(
            f"ended by {signal.Signals(signum).name}, and all trainings with it: the same command goes on with them"
        )
        self.signum = signum


def train_family(
    members: Iterable[Member],
    folder: Path,
    checkpoints: Path,
    jobs: int = 1,
    trunks: Path | None = None,
    say: Callable[[str], object] = print,
) -> None:
    """Trains and exports all ``members``, ``jobs`` at a time; those that are finished already are left as they are.

    Arguments:
        members: ancestors first.
        folder: for the trainings' states and logs, one folder for each member.
        checkpoints: folder for the checkpoints.
        jobs: number of processes at a time, each with an equal share of the cores.
        trunks: folder of kept trunks (:mod:`.trunk`). Trunks that are found there are not trained again, and neither
            are the trainings from which only they started. A model whose finished training is kept there is exported
            from it and not trained again. What starts from another family's trunk or model finds it there, else in
            the repository's ``trunks/``, among the trainings in ``folder``, or among the checkpoints.
        say: called with each line of progress.

    Raises:
        ValueError: for a member whose ancestor is not among those before it, another family's weights that are nowhere,
            or jobs below 1.
        RuntimeError: if a training or an export fails; the others that run are stopped and can be resumed.
        EndedError: if SIGTERM or SIGHUP asks this process to end; the same holds.
    """
    members = list(members)
    _check(members, jobs)
    kept = _kept(members, trunks)
    members = _still_needed(members, kept)
    trained = [member for member in members if member.id not in kept]
    outside = _outside(trained, folder, [place for place in (trunks, TRUNKS) if place], checkpoints)
    for source in outside.values():
        architecture_of(source)  # what is damaged is told before anything is trained
    kept |= outside
    shares = _shares(jobs)
    by_id = {member.id: member for member in members}
    order = TopologicalSorter({member.id: _awaited(member, kept) & by_id.keys() for member in members})
    order.prepare()
    waiting: list[str] = []
    running: dict[str, tuple[subprocess.Popen, int]] = {}
    with _noted_signals() as noted:
        try:
            while order.is_active():
                if noted:
                    raise EndedError(noted[0])
                ready = {*waiting, *order.get_ready()}
                waiting = [id for id in by_id if id in ready]  # the first of the recipe goes first
                commands = {id: _next_command(by_id[id], folder, checkpoints, kept) for id in waiting}
                if done := [id for id, command in commands.items() if command is None]:
                    order.done(*done)
                    waiting = [id for id in waiting if id not in done]
                    continue  # what has waited for them may come before what waits
                for id, command in commands.items():
                    free = set(range(jobs)) - {share for _, share in running.values()}
                    if command and free:
                        share = min(free)
                        say(f"{id}: {command[0]}, log in {folder / id / LOG}")
                        running[id] = (_start(by_id[id], command, folder, shares[share], kept, checkpoints), share)
                        waiting.remove(id)
                if running:
                    time.sleep(0.2)
                    waiting += _collect(running, folder, say)  # a training that has ended is to be exported
        finally:
            _end([process for process, _ in running.values()])


@contextmanager
def _noted_signals() -> Iterator[list[int]]:
    """The signals that have asked this process to end. They only take note of it, so that none comes in between."""
    noted: list[int] = []
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    if threading.current_thread() is threading.main_thread():  # nowhere else can signals be handled

        def note(signum: int, frame: FrameType | None) -> None:
            noted.append(signum)

        for number in (getattr(signal, name) for name in names):
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
                before[number] = signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(processes: list[subprocess.Popen]) -> None:
    """Asks processes to end, and kills those that do not."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + PATIENCE
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
        if process.poll() is None:
            process.kill()
            process.wait()


def _check(members: list[Member], jobs: int) -> None:
    if jobs < 1:
        raise ValueError(f"at least one training must run at a time, not {jobs}")
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
    kept = {id: trunks / id for id in of_use}
    if wanted and not kept and not any(member.starts_outside for member in members):
        raise ValueError(f"{trunks} holds none of the trunks {', '.join(wanted)}: train them, without --trunks")
    return kept


def _outside(members: list[Member], folder: Path, places: list[Path], checkpoints: Path) -> dict[str, Path]:
    """What members start from that another family has: its trunks, and its models."""
    found = {}
    for member in members:
        if member.starts_outside:
            source = str(member.config.init)
            paths = [place / source for place in places if is_trunk(place / source)]
            paths += [folder / source] if (folder / source / FILE).exists() else []
            paths += [place / source for place in (checkpoints, *folders()) if (place / source / CARD).is_file()]
            if not paths:
                looked = " nor ".join(map(str, [*places, folder]))
                raise ValueError(
                    f"{member.id} starts from {source}, which is neither in {looked} nor among the checkpoints: fetch "
                    "the repository's trunks/ and checkpoints/, and name the folder of the trunks with --trunks"
                )
            found[source] = paths[0]
    return found


def _awaited(member: Member, kept: Mapping[str, Path]) -> set[str]:
    """The ids of what must be finished before a member begins, its teachers too."""
    if member.id in kept:  # it is only to be exported
        return {member.mixed_in[0]} if member.mixed_in else set()
    return {*member.needs, *member.config.teachers}


def _still_needed(members: list[Member], kept: dict[str, Path]) -> list[Member]:
    """Without the trunks that are kept, and without those that only what is kept started from."""
    sources = {name for member in members for name in member.needs}
    needed: list[Member] = []
    for member in reversed(members):
        is_source_of_one = any(member.id in _awaited(other, kept) for other in needed)
        is_wanted = member.exported or (member.id not in sources and member.id not in kept)
        if is_wanted or (is_source_of_one and member.id not in kept):
            needed.insert(0, member)
    return needed


def _trained(run: Path) -> bool:
    """Whether a folder holds a finished training, or what is kept of one."""
    return ((run / FILE).exists() or is_kept(run)) and is_finished(run)


def _exported(member: Member, run: Path, checkpoints: Path) -> bool:
    """Whether the checkpoint is at least as new as the end of the training, which ``run`` holds."""
    card = checkpoints / member.id / CARD
    end = run / (WEIGHTS if is_kept(run) else FILE)
    return card.exists() and card.stat().st_mtime >= end.stat().st_mtime


def _next_command(member: Member, folder: Path, checkpoints: Path, kept: dict[str, Path]) -> list[str] | None:
    """The next command for a member, as arguments of ``python -m ibinn_core``."""
    run = kept.get(member.id, folder / member.id)
    if not _trained(run):
        return ["train", "--config", str(run / CONFIG), "--out", str(run), "--resume"]
    if member.exported and not _exported(member, run, checkpoints):
        mixed_in = []
        if member.mixed_in:
            source, share = member.mixed_in
            mixed_in = ["--mix-in", str(kept.get(source, folder / source)), "--share", str(share)]
        return ["export", str(run), str(checkpoints / member.id), *mixed_in]
    return None


def _with_source(member: Member, folder: Path, kept: Mapping[str, Path]) -> TrainingConfig:
    """A member's training with the path of what it starts from, and in its architecture.

    The recipe knows only today's, and a tree that starts from another family's may have begun with an older one.
    """
    source = member.config.init
    if source is None:
        return member.config
    init = str(Path(kept.get(source, folder / source)).resolve())
    return dataclasses.replace(member.config, init=init, architecture=architecture_of(init))


def _start(
    member: Member, command: list[str], folder: Path, cores: set[int], kept: dict, checkpoints: Path
) -> subprocess.Popen:
    run = folder / member.id
    # Teachers that were trained just now are found by their ids before others of these.
    listed = os.pathsep.join([str(checkpoints.resolve()), os.environ.get("IBINN_CHECKPOINTS", "")])
    with writing(run):
        run.mkdir(parents=True, exist_ok=True)
    if member.id not in kept:
        write_text(run / CONFIG, json.dumps(_with_source(member, folder, kept).to_dict(), indent=1))
    # Threads that wait for one another collapse when they share a core; a process that keeps to its own
    # cores only gets slower.
    pin = (lambda: os.sched_setaffinity(0, cores)) if hasattr(os, "sched_setaffinity") else None
    with writing(run / LOG):
        (run / LOG).touch()  # on its own: what goes wrong with the process is not the log's fault
    with open(run / LOG, "a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ibinn_core", *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": str(len(cores)), "IBINN_CHECKPOINTS": listed},
            preexec_fn=pin,
        )


def _collect(running: dict[str, tuple[subprocess.Popen, int]], folder: Path, say: Callable[[str], object]) -> list[str]:
    """Takes what has ended out of ``running`` and names it."""
    ended = []
    for id, (process, _) in list(running.items()):
        if process.poll() is None:
            continue
        del running[id]
        last = (folder / id / LOG).read_text().strip().splitlines()[-1:]
        if process.returncode:
            raise RuntimeError(f"{id} stopped with status {process.returncode}: {''.join(last)}")
        say(f"{id}: {''.join(last)}")
        ended.append(id)
    return ended


def usable_cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def _shares(jobs: int) -> list[set[int]]:
    """The usable cores, divided among ``jobs``."""
    cores = usable_cores()
    return [set(cores[job::jobs]) or {cores[job % len(cores)]} for job in range(jobs)]
