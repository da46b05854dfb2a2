"""The trainings that a training's weights went through before it."""

from pathlib import Path

from ..checkpoint import CheckpointError, find
from ..checkpoint.origin import origin_of
from .images import without_places
from .outcome import is_kept
from .state import FILE, read_state
from .trunk import is_trunk, trunk_ancestry, trunk_config


def ancestry(run: Path, config: dict) -> list[dict]:
    """The trainings that a training's weights went through before it, the first one first.

    The first has an ``origin`` too, which is the same for all branches of one tree, and one on another data set than
    this training's the name of that, ``data``.
    """
    if is_kept(run):
        return trunk_config(run)["ancestry"]
    own = without_places(config).get("dataset")
    return [
        {key: value for key, value in step.items() if (key, value) != ("data", own)} for step in _chain(run, config)
    ]


def _chain(run: Path, config: dict) -> list[dict]:
    """The same, and every entry says by ``data`` on which data set, if that is known."""
    chain: list[dict] = []
    source, seen = config.get("init"), {run.resolve()}
    while source and (Path(source) / FILE).exists():
        if Path(source).resolve() in seen:  # a folder that was trained again, from a descendant of its own
            return chain[::-1]
        seen.add(Path(source).resolve())
        _, progress, parent = read_state(Path(source))
        epochs = progress.history[-1]["epoch"] if progress.history else 0.0
        data = without_places(parent)["dataset"]
        entry = {"objective": parent["objective"], "epochs": epochs, "seconds": round(progress.seconds), "data": data}
        if not parent.get("init"):
            entry["origin"] = origin_of(without_places(parent))
        chain.append(entry)
        source = parent.get("init")
    if source and is_trunk(source):
        chain += trunk_ancestry(source)[::-1]
    elif source:
        chain += _checkpoint_ancestry(source)[::-1]
    return chain[::-1]


def _checkpoint_ancestry(source: str) -> list[dict]:
    """The trainings that a checkpoint's weights went through, its own last; only its name if it is gone."""
    try:
        return trunk_ancestry(find(source).path)
    except (CheckpointError, KeyError):
        return [{"checkpoint": Path(source).name}]
