"""Lesson 6: changing everything but the class, and nothing but the class."""

from collections.abc import Sequence

import numpy as np

from app.answer import bound_text
from app.desk import Question, question
from app.images.pictures import pixels_of, sample
from app.lessons.course import Found
from app.lessons.prose import percent
from app.lessons.questions import Moved, moved_by_style, moved_to_class
from app.models import registry
from app.move_text import as_text
from app.panel import Part
from app.widgets.tiles import Tiles
from ibinn_core.data.datasets import DATASETS, DEFAULT

MODEL = registry.FIRST_MODEL
IMAGE = 7  # index of the sample
STYLE, TARGET = "brightness", "ship"
STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # standard deviations along the style
WAYS = (0.0, 0.5, 1.0, 1.5, 2.0)  # in units of α*


def questions(revealed: bool) -> list[Question]:
    """Returns two questions: the image with its brightness changed, and its way to another class."""
    pixels = question(pixels_of, DEFAULT, sample(IMAGE, DATASETS[DEFAULT]).token)
    return [
        question(moved_by_style, MODEL, pixels, STYLE, STEPS),
        question(moved_to_class, MODEL, pixels, TARGET, WAYS),
    ]


def found(relit: Moved, way: Moved) -> Found:
    """Returns the values for the text of this lesson."""
    picture, classes, still = sample(IMAGE, DATASETS[DEFAULT]), registry.by_id(MODEL).classes, STEPS.index(0.0)
    before = relit.posterior[still]
    values = {
        "name": picture.class_name,
        "share": percent(float(before.max()), 1),
        "class": classes[int(before.argmax())],
        "change": bound_text(100 * np.abs(relit.posterior - before).max()),
        "pictures": f"{100 * np.abs(relit.saved - relit.saved[still]).max():.1f}",
        "target": TARGET,
        "alpha": f"{way.alpha:.2f}",
        "image": picture.token,
        "moves": as_text({STYLE: STEPS[-1]}),
    }

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        rows = {"Brightness": relit, **({f"Way to {TARGET}": way} if revealed else {})}
        steps = [[f"{step:+g} σ".replace("-", "−") if step else "start" for step in STEPS]]
        steps.append([f"{share * way.alpha:.2f}" if share else "start" for share in WAYS])
        captions = [step for names in steps[: len(rows)] for step in names]
        if revealed:  # at α*, two classes are equally probable
            tops = [(row.max(), np.isclose(row, row.max())) for moved in rows.values() for row in moved.posterior]
            named = ["both" if are_best.sum() > 1 else classes[int(are_best.argmax())] for _, are_best in tops]
            best = [f"{name} {percent(top, 1)}" for name, (top, _) in zip(named, tops, strict=True)]
            captions = [f"{step}\n{said}" for step, said in zip(captions, best, strict=True)]
        return [
            Tiles(
                "lesson-moved",
                np.stack([moved.pixels for moved in rows.values()]),
                captions,
                f"{picture.class_name}: {', '.join(rows)}, in five steps each.",
                rows=list(rows),
                captions=captions,
                largest=300,
            )
        ]

    return Found(values, ["same"], draw)
