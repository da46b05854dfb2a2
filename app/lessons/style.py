"""Lesson 7: everything but the class can change, and nothing but the class."""

from typing import NamedTuple

import numpy as np

from app.images.pictures import sample
from app.lessons.course import Choice, Lesson, Link, Note, Option
from app.lessons.parts import Part, Row, Tile, Words
from app.lessons.prose import percent
from app.models import registry
from app.models.decoding import decoded
from app.models.predictions import latents_of, predict
from app.move_text import Moves, as_text
from app.moves.styles import styles_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.datasets import DATASETS, DEFAULT
from ibinn_core.exploration.counterfactual import on_top

IMAGE = 7  # of the samples
STYLE = "brightness"
STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # deviations along the style
WAYS = (0.0, 0.5, 1.0, 1.5, 2.0)  # in units of α*
TARGET = "ship"


class Moved(NamedTuple):
    """An image whose latent has been moved, in several steps.

    Attributes:
        images: uint8 ``(N, H, W, C)``.
        latents: the posterior of the latents, ``(N, K)``.
        pictures: that of the images, clipped and in 8 bits, ``(N, K)``.
    """

    images: np.ndarray
    latents: np.ndarray
    pictures: np.ndarray


def _model() -> Checkpoint:
    return registry.by_id(registry.FIRST_MODEL)


def _start() -> np.ndarray:
    """The latent of the image, float64 ``(D,)``."""
    pixels = sample(IMAGE, DATASETS[DEFAULT]).pixels
    return latents_of(registry.FIRST_MODEL, pixels[None])[0].astype(np.float64)


def _scores(latents: np.ndarray) -> np.ndarray:
    """z·μ_k - ‖μ_k‖²/2 + w_k of latents ``(N, D)``, ``(N, K)``."""
    latent = _model().latent
    means = latent["class_means"].astype(np.float64)
    return latents @ means.T - np.square(means).sum(1) / 2 + latent.get("log_weights", 0.0)


def _moved(latents: np.ndarray) -> Moved:
    images = decoded(registry.FIRST_MODEL, latents.astype(np.float32))
    scores = _scores(latents)
    likely = np.exp(scores - scores.max(1, keepdims=True))
    posterior = likely / likely.sum(1, keepdims=True)
    return Moved(images, posterior, predict(registry.FIRST_MODEL, images).posterior)


def by_style() -> Moved:
    """The image relit: every step leaves the posterior of its latent as it is."""
    return _moved(_start() + np.outer(STEPS, styles_of(_model())[STYLE]))


def by_class() -> Moved:
    """The image on its way to another class, up to twice the flip."""
    _, alpha, direction = _way()
    return _moved(_start() + np.outer(WAYS, alpha * direction))


def _way() -> tuple[int, float, np.ndarray]:
    """The class that the image is taken to, α*, and the way between the centres of the two classes, ``(D,)``."""
    start, latent = _start()[None], _model().latent
    target = list(_model().classes).index(TARGET)
    centres, means = (latent[name].astype(np.float64) for name in ("empirical_means", "class_means"))
    direction = centres[target] - centres[_scores(start).argmax()]
    alpha, _ = on_top(_scores(start), (means @ direction)[None], np.array([target]))
    return target, float(alpha[0]), direction


class Style(Lesson[Choice]):
    """A latent moves orthogonally to all differences of the class means."""

    title = "Change everything but the class"
    has_chart = False
    question = (
        "This {name} is moved in latent space, by up to two standard deviations of brightness, along a direction that "
        "is orthogonal to all differences of the class means. The pictures below are what comes out. **What does the "
        "[posterior] of the moved [latent] do?**"
    )
    ask = "Your guess"
    guess = Choice(
        (
            Option("other", "A: it goes to another class"),
            Option("less", "B: it stays with its class, and becomes less sure"),
            Option("same", "C: it does not change at all"),
        )
    )
    caption = "σ: a standard deviation of brightness."
    task = "Move it yourself: press a class, then pull a style. Which of the two changes the picture more?"
    point = "The class depends only on the directions between class means; every other direction is style."
    notes = (
        Note(30, "Show the five pictures. Nobody doubts that they differ; ask what the model thinks of the darkest."),
        Note(25, "Show of hands. Most people choose B, since a usual classifier is less sure of dark pictures."),
        Note(
            50,
            "All scores are products of z with a mean, so a move that is orthogonal to their differences changes no "
            "posterior: a proof, and the number below shows it. A picture whose pixels end at black and white "
            "is another picture, and has another latent. The lower row is the reverse: the shortest way between "
            "two centres, and all scores are linear along it, so that the flip is a formula and no search.",
        ),
        Note(45, "Open the page Move and let somebody drag the star across a border."),
    )
    needs = (registry.FIRST_MODEL,)

    def missing(self) -> str:
        """Also where no styles are stored with the model."""
        if found := super().missing():
            return found
        if STYLE not in styles_of(_model()):
            return (
                f"This lesson needs the styles of '{registry.FIRST_MODEL}', which "
                f"`python -m ibinn_core measure {registry.FIRST_MODEL}` finds."
            )
        return ""

    def values(self) -> dict[str, str]:
        """What was measured just now."""
        moved, classes = by_style(), _model().classes
        target, alpha, _ = _way()
        posterior = moved.latents[STEPS.index(0.0)]
        changes = np.abs(moved.latents - posterior).max()
        pictures = np.abs(moved.pictures - moved.pictures[STEPS.index(0.0)]).max()
        return {
            "name": sample(IMAGE, DATASETS[DEFAULT]).class_name,
            "class": classes[posterior.argmax()],
            "share": percent(posterior.max(), 1),
            "change": "less than a millionth" if changes < 1e-6 else f"{changes:.6f}",
            "pictures": f"{100 * pictures:.1f}",
            "target": classes[target],
            "alpha": f"{alpha:.2f}",
        }

    def reveal(self) -> str:
        """Both directions."""
        return (
            "The posterior of the latent stays at {share} {class}: over all five steps it changes by {change}. Saved "
            "as an image and read again, it changes by up to {pictures} percentage points, because pixels end at black "
            "and white. A move towards the centre of the {target}s does change the class: at α* = {alpha} of the way "
            "both are equally probable."
        )

    def verdict(self, guess: str) -> str:
        """Whether it was right."""
        right = "It is **C**: it does not change at all."
        return {"": right, "same": f"You are right. {right}"}.get(guess, f"No. {right}")

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """The image relit; then the image on its way to another class."""
        moved, classes = by_style(), _model().classes
        styles = [f"{steps:+g} σ".replace("-", "−") if steps else "as it is" for steps in STEPS]
        rows: list[list[Part]] = [[Row(_tiles(moved, styles, classes, revealed), 150, 5)]]
        if revealed:
            way = by_class()
            names = [f"{share:g} α*" if share else "as it is" for share in WAYS]
            title = Words(f'<p class="heading">Towards the centre of the {TARGET}s:</p>')
            rows += [[title], [Row(_tiles(way, names, classes, True), 150, 5)]]
        return rows

    def link(self) -> Link:
        """The brightest of them, on the page Move."""
        return Link(
            "The same image on the page Move",
            "move",
            {
                "model": registry.FIRST_MODEL,
                "image": sample(IMAGE, DATASETS[DEFAULT]).token,
                "moves": as_text(Moves(styles={STYLE: STEPS[-1]})),
            },
        )


def _tiles(moved: Moved, names: list[str], classes: tuple[str, ...] | list[str], revealed: bool) -> list[Tile]:
    tiles = []
    for image, posterior, name in zip(moved.images, moved.latents, names, strict=True):
        top = int(posterior.argmax())
        said = f"\n{classes[top]} {percent(posterior[top], 1)}" if revealed else ""
        tiles.append(Tile(image, name + said, f"the image at {name}{said}".replace("\n", ": ")))
    return tiles
