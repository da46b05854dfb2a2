"""What models make of corrupted images, in words."""

from collections.abc import Sequence

import numpy as np

from app.figures.bits_scale import number_text
from app.figures.classes import with_number
from app.figures.path_view import Departure, PathView
from app.figures.readings import CorruptedImages, LikelihoodReading, Reading
from app.models.names import name_of
from app.table1.measures import SET_NAMES
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint


def percent(share: float) -> str:
    """A share from 0 to 1 in words; a small one does not read as zero."""
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def headline(reading: Reading, labels: list[str]) -> str:
    """Whether likelihood and posterior notice, in a few words."""
    if not isinstance(reading, LikelihoodReading):
        return f"no likelihood that could notice; the posterior is sure at {_count(reading.sure)} steps"
    outside, sure = int(reading.outside.sum()), int((reading.outside & reading.sure).sum())
    if not outside:
        return f"the likelihood notices nothing; the posterior is sure at {_count(reading.sure)} steps"
    first = int(reading.outside.argmax())
    notices = f"the likelihood notices, first at {labels[first]}; " if first else "untypical from the start; "
    if sure == outside:
        return notices + "the posterior stays sure of itself"
    if sure == 0:
        before = ", and was not sure before" if first and not reading.sure[:first].any() else ""
        return notices + f"the posterior is sure at none of those steps{before}"
    return notices + f"the posterior is still sure at {sure} of the {outside} steps outside the band"


def details(reading: Reading, labels: list[str], *, classes: Sequence[str]) -> str:
    """The numbers behind :func:`headline`, with the names of the K classes."""

    def says(step: int) -> str:
        top = int(reading.posterior[step].argmax())
        said = with_number(classes[top], f"{reading.posterior[step, top]:.0%}").removeprefix(classes[top])
        return f"*{markdown_text(classes[top])}*{said} (entropy {reading.entropy[step]:.2f} nats)"

    test = f"test images: {reading.test_entropy.mean():.2f} nats on average, {reading.error:.0%} of them misclassified."
    if not isinstance(reading, LikelihoodReading):
        far = int(reading.entropy.argmax())
        return f"{says(0)} at the start, least sure at {labels[far]}: {says(far)}; {test}"
    far = int(np.abs(reading.offset).argmax())
    where = f"Outside its band at {_count(reading.outside)} steps"
    side = "unlikely" if reading.offset[far] > 0 else "likely"
    return (
        f"{where}; farthest on the {side} side at {labels[far]} with {number_text(reading.bits[far])} bits/dim "
        f"(the band: {reading.band[0]:.2f} to {reading.band[1]:.2f}). {says(0)} at the start, "
        f"{says(far)} there; {test}"
    )


def _count(mask: np.ndarray) -> str:
    return f"all {len(mask)}" if mask.all() else f"{int(mask.sum())} of {len(mask)}"


def alt(
    name: str,
    corrupted: CorruptedImages,
    readings: Sequence[Reading],
    shown: int,
    view: PathView,
    *,
    classes: Sequence[str],
) -> str:
    """The figure in words: ``name`` is the image's, the view that of the reading ``shown``."""
    seen = readings[shown].name
    if isinstance(view, Departure):
        first, second = (classes[k] for k in view.pair)
        inside = int(np.sum((view.path[:, 1] >= view.band[0]) & (view.path[:, 1] <= view.band[1])))
        path = (
            f"its path among test images under {seen}, bits per dimension upwards and the odds of {first} against "
            f"{second} across, {inside} of {len(view.path)} steps within the band of typical images"
        )
    else:
        path = f"the path of its latent in the plane of the class means of {seen}"
    return (
        f"{name} while {corrupted.what}: {path}, its posterior, and over the strength, its distance from typical bits "
        "per dimension and the entropy of its posterior. "
        + " ".join(f"{r.name}: {headline(r, corrupted.labels)}." for r in readings)
    )


def sets_table(models: Sequence[Checkpoint]) -> str:
    """A line for each model, a column for each set, as a Markdown table; empty where nothing was measured."""
    measured = [(c, c.card["out_of_distribution"]) for c in models if c.card.get("out_of_distribution")]
    if not measured:
        return ""
    sets = list(dict.fromkeys(name for _, found in measured for name in found))
    titles = [str(SET_NAMES.get(name, name)) for name in sets]
    lines = [f"| Model | {' | '.join(titles)} |", f"| :-- |{' --: |' * len(sets)}"]
    for checkpoint, found in measured:
        areas = [found.get(name, {}).get("roc_auc") for name in sets]
        cells = ["–" if area is None else f"{area:.0%}" for area in areas]
        lines.append(f"| **{name_of(checkpoint)}** | {' | '.join(cells)} |")
    return "\n".join(lines)
