"""Lesson 4: how sure may one be? Calibration."""

import numpy as np

import ibinn_core as ib
from app.figures.lessons import Promise, promise_figure
from app.lessons.course import Lesson, Link, Note, Scale
from app.lessons.parts import Chart, Part
from app.lessons.prose import compared, grouped, percent
from app.models import asking, registry
from app.models.names import colors_of, name_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.measures.calibration import Reliability

BINS = 10
ASKED = 7  # the bin that is asked about, from 0
LEAST = 20  # answers in a bin; with fewer, the share that is right means little


@asking.kept
def reliability_of(checkpoint_id: str) -> Reliability:
    """How often a model is right, by how sure it is, on the test set."""
    latent = registry.by_id(checkpoint_id).latent
    return ib.evaluation.top_label_reliability(latent["posterior"], latent["labels"], bins=BINS)


class Calibration(Lesson[Scale]):
    """Of the answers given with a probability, that share should be right."""

    title = "How sure may one be?"
    question = (
        "Bayes' rule gives each class its [posterior]. The model, {name}, names the class with the highest; that "
        "probability is its confidence. Take all test images with a confidence of **{low} to {high}**. **How many of "
        "these answers are right?**"
    )
    ask = "Your guess: how many are right?"
    guess = Scale("Share of right answers", 0, 100, 50)
    caption = ""
    task = "Compare other models, a [VIB] for one, and count all classes, not only the named one ([MCE, ICE])."
    point = "How sure a model is can be compared with how often it is right: that is its [calibration]."
    notes = (
        Note(40, "Ask first what somebody promises who is {expected} sure. Then ask for this model's record."),
        Note(30, "Let somebody drag the slider until the room agrees."),
        Note(
            80,
            "On the diagonal, a model keeps its word. Above it, it is too modest, below it, too sure. Point to "
            "where most answers are: far to the right.",
        ),
        Note(
            30,
            "Calibration is measured on images like the ones of the training. The next lesson shows what happens "
            "elsewhere.",
        ),
    )
    needs = (registry.FIRST_MODEL,)

    def models(self) -> list[Checkpoint]:
        """The lesson's model, and a purely discriminative one beside it if there is one."""
        every = {c.id: c for c in registry.of_data_set()}
        return [every[id] for id in (registry.FIRST_MODEL, registry.FIRST_BESIDE) if id in every]

    def values(self) -> dict[str, str]:
        """What was measured in the bin that is asked about, and over all."""
        models = self.models()
        found = reliability_of(registry.FIRST_MODEL)
        errors = [percent(c.card["calibration_top_label"], 1) for c in models]
        return {
            "least": str(LEAST),
            "low": percent(found.edges[ASKED]),
            "high": percent(found.edges[ASKED + 1]),
            "count": grouped(found.count[ASKED]),
            "expected": percent(found.expected[ASKED]),
            "observed": percent(found.observed[ASKED]),
            "name": name_of(models[0]),
            "error": errors[0],
            "other_error": errors[-1],
        }

    def reveal(self) -> str:
        """How well probability and frequency agree."""
        models = self.models()
        scaled = "; only {name} was scaled after its training" if models[0].power is not None else ""
        beside = f" The error of a [ResNet] is {{other_error}}{scaled}." if len(models) > 1 else ""
        return (
            "Of its {count} answers of this kind {observed} are right; perfect [calibration] would give {expected}. "
            "Averaged over all answers, how sure this model is and how often it is right differ by {error}: its "
            f"[top-label calibration error].{beside} "
            "A larger dot stands for more answers; where there are fewer than {least} there is none."
        )

    def verdict(self, guess: str) -> str:
        """How near the prediction was."""
        return compared(self.guess.read(guess), float(reliability_of(registry.FIRST_MODEL).observed[ASKED]))

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """How often the models are right over how sure they are; at first only the prediction."""
        models = self.models() if revealed else []
        edges = reliability_of(registry.FIRST_MODEL).edges
        promises = [
            Promise(name_of(c), color, *used(reliability_of(c.id)))
            for c, color in zip(models, colors_of(models), strict=True)
        ]
        texts = [
            f"{one.name}: "
            + ", ".join(f"{percent(o)} at {percent(e)}" for e, o in zip(one.expected, one.observed, strict=True))
            for one in promises
        ]
        figure = promise_figure(promises, (edges[ASKED], edges[ASKED + 1]), self.guess.read(guess))
        alt = "How many answers are right, over how sure the model is. " + "; ".join(texts)
        return [[Chart(figure, "lesson-calibration", alt)]]

    def link(self) -> Link:
        """The two models' diagrams side by side."""
        ids = [c.id for c in self.models()]
        return Link(
            "Calibration on the page Results", "results", {"left": ids[0], "right": ids[-1], "tab": "calibration"}
        )


def used(found: Reliability) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How sure, how often right, and how many, of the bins that hold enough answers."""
    rows = np.flatnonzero(found.count >= LEAST)
    return found.expected[rows], found.observed[rows], found.count[rows]
