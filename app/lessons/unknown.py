"""Lesson 5: knowing what one does not know, and the limits of it."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

import ibinn_core as ib
from app.answer import CONFIDENT, OUT, Verdict
from app.desk import question
from app.figures.lessons import Mark, strip_figure
from app.images.links import to_url
from app.images.pictures import images_of
from app.inference.computations import evaluate
from app.inference.tables import default_folder, read_results
from app.lessons.course import Choice, Lesson, Link, Note, Option
from app.lessons.parts import Chart, Part, Row, Tile
from app.lessons.prose import percent
from app.models import asking, registry
from app.models.predictions import bits_per_dim, typical_bits
from app.widgets.markdown import in_words, listed, with_article
from ibinn_core.data import DatasetNotFoundError, ood
from ibinn_core.data.datasets import DATASETS, DEFAULT
from ibinn_core.exploration import TYPICAL

LICENCE = "CC BY 2.0"  # of the photograph of the pagoda
FAR = "cifar100"  # the data set that is near enough to be mistaken


class Judged(NamedTuple):
    """A picture, and what the model makes of it."""

    id: str  # for the URL
    name: str  # for people
    pixels: np.ndarray  # uint8 (32, 32, 3)
    is_known: bool  # whether it shows one of the model's classes, unspoiled
    answer: str  # the most probable class
    sure: float  # its probability
    bits: float  # bits/dim
    verdict: Verdict  # confident, uncertain or out of distribution


def pictures() -> list[tuple[str, str, np.ndarray, bool]]:
    """Id, name and pixels of the pictures, and whether one is like those of the training; what is not here is left out.

    They come with the packages foolbox and scikit-learn.
    """
    images, _, _ = images_of("sample", DATASETS[DEFAULT])
    digit = np.pad(ib.data.embedded("mnist")[0][0, ..., 0], 2)[..., None].repeat(3, axis=2)
    every = [
        ("frog", "a frog", images[5], True),
        ("noise", "the frog with faint noise", ood.load("noise", images)[5], False),
        ("colours", "a horse in false colours", ood.load("rgb-rotation", images)[13], False),
        ("digit", "a handwritten digit", digit, False),
        ("apples", "apples", ib.data.embedded(FAR)[0][9], False),
    ]
    pagoda = _pagoda()
    return every if pagoda is None else [*every, ("pagoda", "a pagoda", pagoda, False)]


def _pagoda() -> np.ndarray | None:
    """A photograph by danielbuechele that comes with scikit-learn, which is not imported."""
    spec = importlib.util.find_spec("sklearn")
    for location in (spec.submodule_search_locations if spec else None) or ():
        path = Path(location, "datasets", "images", "china.jpg")
        if path.is_file():
            return ib.read_image(path)
    return None


def judged() -> list[Judged]:
    """The pictures, and what the model makes of them."""
    every = pictures()
    answer = asking.ask(question(evaluate, registry.FIRST_MODEL, np.stack([pixels for _, _, pixels, _ in every])))
    assert answer.bits is not None
    return [
        Judged(*picture, answer.classes[row.argmax()], float(row.max()), float(bits), answer.verdict(number))
        for number, (picture, row, bits) in enumerate(zip(every, answer.posterior, answer.bits, strict=True))
    ]


def detection_score() -> float | None:
    """How well typicality tells CIFAR-100 from the test set, 0 to 1, as Table 1 has it; ``None`` if it has not."""
    row = read_results(default_folder()).rows.get(registry.FIRST_MODEL)
    cell = (row or {}).get("cells", {}).get(f"detection.{FAR}", {}).get("ours")
    return None if cell is None else cell / 100


class Unknown(Lesson[Choice]):
    """Six pictures; the model notices some of them."""

    title = "Knowing what one does not know"
    question = (
        "The model has learned ten classes from photographs. It can compare the [likelihood] of a picture with that of "
        "photographs it should know. **Which of these pictures will it find unlike anything it knows?**"
    )
    ask = "Your guess: it will notice …"
    guess = Choice(
        (
            Option("frog", "the frog"),
            Option("noise", "the noise"),
            Option("colours", "the false colours"),
            Option("digit", "the digit"),
            Option("apples", "the apples"),
            Option("pagoda", "the pagoda"),
        ),
        several=True,
    )
    caption = "Photograph of the pagoda: danielbuechele, {licence}."
    task = "Find another picture that fools it: a photo of your own, or a drawing."
    point = "A model with a likelihood can notice that an image is [out of distribution], but not always."
    notes = (
        Note(40, "Name the six pictures. Only the first shows what the model has learned, as it was learned."),
        Note(40, "Ask for hands, picture by picture. Most people expect the digit and the pagoda."),
        Note(
            90,
            "Grey: photographs like those of the training. Blue: what counts as typical. The noise is too "
            "complicated, the digit too simple; both lie outside. The pagoda lies in the middle, and gets a class.",
        ),
        Note(
            50,
            "The limit matters most: one number cannot say that the content is new. A picture may be as "
            "complicated as a frog without being one.",
        ),
    )
    needs = (registry.FIRST_MODEL,)

    def missing(self) -> str:
        """Why it cannot be shown, in a sentence, or nothing."""
        try:
            pictures()
        except DatasetNotFoundError as error:
            return str(error)
        return super().missing()

    def values(self) -> dict[str, str]:
        """What was noticed, what passed, and how good the test is on many images."""
        every = judged()
        noticed = [one.name for one in every if one.verdict is OUT]
        passed = [one for one in every if one.verdict is not OUT and not one.is_known]
        score = detection_score()
        return {
            "level": percent(TYPICAL),
            "noticed": listed(noticed) if noticed else "none of them",
            "passed": listed([f"{p.name} for {_answer(p)}" for p in passed]) if passed else "nothing for its own",
            "score": "" if score is None else percent(score),
            "chance": percent(0.5),
            "licence": LICENCE,
            "far": ib.data.describe(FAR).title,
        }

    def reveal(self) -> str:
        """What the test catches, and what it does not."""
        limit = ""
        if detection_score() is not None:
            limit = ", and its [ROC score] against images of {far} is {score}, where a coin toss has {chance}"
        return (
            "A picture is [typical] if its likelihood lies in the blue band, where {level} of photographs like the "
            "training's lie. Any other is [out of distribution], even one that is more likely. So the model notices "
            "{noticed}. But typicality is one number and knows nothing of content: the model takes {passed}"
            + limit
            + "."
        )

    def verdict(self, guess: str) -> str:
        """How many of the pictures were predicted rightly."""
        chosen = _chosen(guess)
        every = judged()
        if not chosen:
            strange = [one for one in every if not one.is_known]
            noticed = sum(one.verdict is OUT for one in strange)
            return f"Of the {in_words(len(strange))} that are unlike its training, it notices **{in_words(noticed)}**."
        right = sum((one.id in chosen) == (one.verdict is OUT) for one in every)
        return f"Of {len(every)} pictures, you were right about **{right}**, in green frames."

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """The pictures, and once it is revealed where each lies among photographs that the model should know."""
        every = judged()
        numbers = range(1, len(every) + 1)
        if not revealed:
            asked = [Tile(one.pixels, f"{n} · {one.name}", one.name) for n, one in zip(numbers, every, strict=True)]
            return [[Row(asked, 185, 3)]]
        chosen = _chosen(guess)
        tiles = [
            Tile(
                one.pixels,
                f"{n} · {one.name}\n{one.answer} {percent(one.sure)}\n{one.verdict.sign} {one.verdict.word}",
                one.name,
                mark="right" if chosen and (one.id in chosen) == (one.verdict is OUT) else "",
            )
            for n, one in zip(numbers, every, strict=True)
        ]
        checkpoint = registry.by_id(registry.FIRST_MODEL)
        marks = [Mark(str(n), one.bits, one.verdict.ink, one.name) for n, one in zip(numbers, every, strict=True)]
        reference = bits_per_dim(checkpoint, checkpoint.latent["reference"])
        said = "; ".join(f"{one.name} {one.bits:.2f}, {one.verdict.word}" for one in every)
        alt = f"Bits/dim of each picture among those of photographs like the training's: {said}"
        figure = strip_figure(marks, reference, typical_bits(checkpoint))
        return [[Row(tiles, 112, 6)], [Chart(figure, "lesson-unknown", alt)]]

    def link(self) -> Link:
        """The last picture under the same model."""
        last = judged()[-1]
        query = {"tab": "judge", "image": f"own-{to_url(last.pixels)}", "models": registry.FIRST_MODEL}
        return Link(f"Begin with {last.name} on the page Test an image", "test-an-image", query)


def _chosen(guess: str) -> set[str]:
    """The ids of the pictures that a prediction names."""
    return set(filter(None, guess.split(",")))


def _answer(one: Judged) -> str:
    """What the model says of a picture that it does not notice."""
    sure = "confident " if one.verdict is CONFIDENT else ""
    return f"a {sure}{one.answer}" if sure else with_article(one.answer)
