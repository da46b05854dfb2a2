"""The available checkpoints and the models loaded from them, for pages and for processes that compute.

This module knows neither users nor pages nor Streamlit: :mod:`app.models.registry` chooses what a page shows.
"""

import dataclasses
import functools
import glob
import math
import os
import stat
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

import ibinn_core as ib
from ibinn_core import checkpoint as checkpoints
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import MixedCheckpoint

if TYPE_CHECKING:  # torch is imported with the first model, not with the page
    from ibinn_core.models.classifier import Classifier

T = TypeVar("T")
A = TypeVar("A", bound=Hashable)

MIXED = 24  # mixed models kept in memory; each of ours takes 3 to 11 MB
FRESH = 0.5  # seconds before the checkpoints' files are checked again
#: Returns the arrays of a mixed model by its id. A process sets this function if another process computes the arrays.
arrays_of_mixed: Callable[[str], dict[str, np.ndarray]] | None = None


class Models:
    """The checkpoints at one moment; each model is loaded once, and must not be changed.

    Attributes:
        families: the readable checkpoints by data set, CIFAR-10 first. The keys are the names of the data sets. If a
            user's folder changed between trainings, so that classes or shapes differ, later keys end in a number.
        refused: the unusable checkpoints, each with the reason.
        damaged_curves: problems of families' measured curves, by keys of ``families``. A problem is known only after
            ``weight_space`` has been called.

    Example:
        >>> models = Models.found()
        >>> models.by_id("gamma-1").gamma, models.load("gamma-1") is models.load("gamma-1")
        (1.0, True)
        >>> models.by_id("gamma-9.5").id, models.mixed("gamma-1") is None
        ('gamma-9.5', True)
    """

    def __init__(self, readable: list[Checkpoint], refused: list[checkpoints.Refusal]) -> None:
        self.families, self.refused = _by_dataset(readable), refused
        self._trained = {c.id: c for c in readable}
        self.damaged_curves: dict[str, str] = {}
        self.version: Hashable = None  #: changes when a file changes
        #: The mixed model with an id, such as ``"gamma-9.5"``; ``None`` for any other id.
        self.mixed: Callable[[str], MixedCheckpoint | None] = _once(self._find_mixed, MIXED)
        #: The models at any γ, by the key of the data set; ``None`` if it has no family.
        self.weight_space: Callable[[str], ib.weight_space.Family | None] = _once(self._weight_space)
        self._load: Callable[[str], Classifier] = _once(lambda id: _loaded(self._trained[id]))
        self._mix: Callable[[str], Classifier] = _once(lambda id: _loaded(self.by_id(id)), MIXED)

    @classmethod
    def found(cls) -> "Models":
        """Reads the checkpoints in all folders that ``IBINN_CHECKPOINTS`` lists."""
        return cls(*checkpoints.scan())

    def by_id(self, checkpoint_id: str) -> Checkpoint:
        """The readable checkpoint with this id, of any data set, or the mixed model with this id.

        Raises:
            CheckpointError: there is no such model.
        """
        found = self._trained.get(checkpoint_id) or self.mixed(checkpoint_id)
        if found is None:
            raise checkpoints.CheckpointError(f"The model {checkpoint_id} is gone: its folder was removed or renamed.")
        return found

    def load(self, checkpoint_id: str) -> "Classifier":
        """The model with this id.

        Raises:
            CheckpointError: there is no such model, or it cannot be used.
        """
        return self._load(checkpoint_id) if checkpoint_id in self._trained else self._mix(checkpoint_id)

    def _weight_space(self, key: str) -> ib.weight_space.Family | None:
        try:
            several = len([c for c in self.families[key] if c.objective == "ib"]) > 1
            family = ib.family(key) if several else None
        except ib.FamilyError:
            return None  # the user's folder changed between trainings
        try:
            _ = family and family.arrays
        except ib.FamilyError as error:
            self.damaged_curves[key] = str(error)
            return family and ib.weight_space.Family(family.members)  # pages still show the trained models
        except OSError:
            pass  # a checkpoint has just been removed, which the page reports
        return family

    def _find_mixed(self, checkpoint_id: str) -> MixedCheckpoint | None:
        for key, members in self.families.items():
            before, name, number = checkpoint_id.partition("gamma-")
            if (before, name) != (members[0].dataset.id_prefix, "gamma-"):
                continue
            family = self.weight_space(key)
            try:
                mixed = family.checkpoint(float(number)) if family and is_continuous(family) else None
            except (ValueError, ib.FamilyError):
                continue
            if isinstance(mixed, MixedCheckpoint) and mixed.id == checkpoint_id:
                return _Mixed(**{field.name: getattr(mixed, field.name) for field in dataclasses.fields(mixed)})
        return None


class _Mixed(MixedCheckpoint):
    """A mixed model whose arrays another process may compute."""

    def arrays_of_model(self) -> dict[str, np.ndarray]:
        return arrays_of_mixed(self.id) if arrays_of_mixed else super().arrays_of_model()


def is_continuous(family: ib.weight_space.Family) -> bool:
    """Whether the family has the measurements that pages need to show its mixed models."""
    return "reference" in family.arrays


def _loaded(checkpoint: Checkpoint) -> "Classifier":
    return ib.load(checkpoint).requires_grad_(False)  # pages never train, and models are faster without gradients


def _once(function: Callable[[A], T], most: int | None = None) -> Callable[[A], T]:
    """Caches a function's results, at most ``most``. One thread computes at a time; the others wait."""
    lock, remembered = threading.RLock(), functools.lru_cache(most)(function)

    def call(argument: A) -> T:
        with lock:
            return remembered(argument)

    return call


def _by_dataset(readable: list[Checkpoint]) -> dict[str, list[Checkpoint]]:
    alike: dict[tuple, list[Checkpoint]] = {}
    for checkpoint in readable:
        data = checkpoint.dataset
        alike.setdefault((data.name, data.classes, data.image_shape), []).append(checkpoint)
    result: dict[str, list[Checkpoint]] = {}
    for (name, _, _), members in alike.items():
        before = sum(key.partition("~")[0] == name for key in result)
        result[f"{name}~{before + 1}" if before else name] = members
    return result


# The current checkpoints --------------------------------------------------------------------------------


class _Listing(NamedTuple):
    """The checkpoints in some folders, as last read."""

    folders: tuple[str, ...]  # the folders that were read
    stamps: tuple  # fingerprints of the folders' files, which change when a file changes
    when: float  # time of reading, by the monotonic clock
    found: Models  # the checkpoints


_listing = _Listing((), (), -math.inf, Models([], []))  # one per process
_lock = threading.Lock()


def current(fresh: float = FRESH) -> Models:
    """The current models, read again if a file has changed. Files are checked again only after ``fresh`` seconds.

    A check of the files takes about a millisecond, so one question may call this several times.
    """
    folders = tuple(map(str, checkpoints.folders()))
    if _is_fresh(folders, fresh):
        return _listing.found
    with _lock:
        return _listing.found if _is_fresh(folders, fresh) else _look(folders)


def refresh() -> None:
    """Makes the next :func:`current` check the files, even if they were checked just now."""
    global _listing
    _listing = _listing._replace(when=-math.inf)


def forget() -> None:
    """Makes the next :func:`current` read everything again, even if no file has changed."""
    global _listing
    _listing = _Listing((), (), -math.inf, Models([], []))


def _is_fresh(folders: tuple[str, ...], fresh: float) -> bool:
    return _listing.folders == folders and time.monotonic() < _listing.when + fresh


def _stamp(folder: str) -> tuple[tuple[str, int, int], ...]:
    """The path, modification time and size of each file in ``folder`` and in its checkpoints."""
    found = []
    for name in (*glob.iglob("*", root_dir=folder), *glob.iglob("*/*", root_dir=folder)):
        with suppress(OSError):
            state = os.stat(os.path.join(folder, name))
            if stat.S_ISREG(state.st_mode):
                found.append((name, state.st_mtime_ns, state.st_size))
    return tuple(sorted(found))


def _look(folders: tuple[str, ...]) -> Models:
    global _listing
    stamps = tuple(_stamp(folder) for folder in folders)
    found = _listing.found
    if (_listing.folders, _listing.stamps) != (folders, stamps):
        found = Models.found()
        found.version = (folders, stamps)
    _listing = _Listing(folders, stamps, time.monotonic(), found)
    return found
