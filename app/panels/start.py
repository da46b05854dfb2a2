"""The panel Start: from an image to its latent point and its posterior, and back (Figs. 1 and 2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.answer import Answer, bound_text
from app.controls import ModelsState, picture, picture_of
from app.desk import question
from app.figures.classes import MAX_CLASSES, OTHER, colors_of, shown_classes
from app.images.pictures import Picture, pixels_of
from app.inference.computations import evaluate, stacked, there_and_back
from app.latent_space import clouds
from app.latent_space.plane import Plane, hand_of
from app.latent_space.questions import Cloud, cloud
from app.models import registry
from app.models.live import as_picture
from app.models.names import name_of
from app.panel import Panel, Part, View
from app.panels.chosen_images import posterior, without_likelihood
from app.widgets.markdown import markdown_text
from app.widgets.stage import is_on_stage
from app.widgets.tiles import Tiles

WHAT_TO_DO = (
    "**Drag the star**: the image changes along two directions, those of the plane, and keeps all others. "
    "**Move the slider**: as γ grows, the dots sort by class."
)
BARS = "start-posterior"  # key of the figure
DOTS = 3000  # test images around the image


@dataclass(frozen=True)
class State(ModelsState):
    """The image."""

    image: str = picture("Image", "image")


def views(state: State) -> list[View]:
    """The image among the test images, the model's answer on it, and the decoded image."""
    chosen = picture_of(state.image)
    asked = question(stacked, question(pixels_of, state.data, state.image))
    answer, places = question(evaluate, state.model, asked), question(cloud, state.model, "means")
    back = question(there_and_back, state.model, asked)
    others = [question(evaluate, model, asked) for model in state.beside]
    return [
        View([places, answer], lambda found, said: _plane(state, chosen, found, said)),
        View([], lambda: WHAT_TO_DO, on_stage=False),
        View([answer, back], lambda said, found: _steps(state, chosen, said, found)),
        View(others, lambda *found: without_likelihood(found), on_stage=False),
    ]


def _plane(state: State, chosen: Picture, found: Cloud, answer: Answer) -> Plane:
    """The plane of the class means; if there are many classes, only the most probable for the image have colours."""
    model = registry.by_id(state.model)
    shown = shown_classes(answer.posterior[0], chosen.label)
    rows = np.sort(np.random.default_rng(0).permutation(len(found.places))[:DOTS])
    labels = found.labels[rows]
    assert answer.latents is not None
    star = clouds.place(model, "means", answer.latents)[0]
    track = clouds.track_of(model)
    follows = {"picture": as_picture(model, chosen.pixels), "anchors": clouds.anchors_of_plane(model).tolist()}
    return Plane(
        "start",
        f"{chosen.name} as a star among the test images under {name_of(model)}.",
        model.id,
        found.places[rows],
        np.where(np.isin(labels, shown), labels, OTHER),
        found.classes,
        colors_of(len(found.classes), shown),
        found.frame,
        found.means,
        None if len(found.classes) <= MAX_CLASSES else sorted(shown),
        circles=True,
        star=star,
        hand=hand_of(model, chosen, star, answer.posterior[0], BARS),
        travels=True,
        track=track.among(rows) if track else None,
        live=(model.id, "star", follows),
    )


def _steps(state: State, chosen: Picture, answer: Answer, back: dict[str, np.ndarray]) -> Sequence[Part]:
    """The image before and after encoding and decoding, and its posterior."""
    lost = 255 * float(back["difference"][0])
    words = f"Nothing is lost: no pixel is off by more than {bound_text(lost)} grey levels."
    if lost >= 0.5:
        words = f"Single precision is too coarse to invert this model: a pixel is off by {lost:.0f} grey levels."
    return [
        Tiles(
            "start-images",
            np.stack([chosen.pixels, back["images"][0]]),
            [chosen.name, f"{chosen.name} after encoding and decoding"],
            "The image before and after.",
            heading="Pixels x, and back g⁻¹(g(x))",
            largest=120,
        ),
        *([] if is_on_stage() else [words]),
        f"**The image**: {markdown_text(answer.top(0, 1))} {answer.verdict().badge} "
        "The bars show its posterior q(y | x), or that of the star after you drag it.",
        posterior(BARS, answer, chosen.name, chosen.label, chosen.pixels),
    ]


PANEL = Panel(
    "start",
    "Start",
    "The network g turns an image into a point z = g(x) among the Gaussians of the classes, and back.",
    State,
    views,
    "The network is invertible: nothing about the image is thrown away, neither by a generative nor by a "
    "discriminative model. The posterior follows from where the image lies in all directions; the plane shows two. "
    "The better the classes separate, the fewer images are misclassified. Choose your own image under *Change*, and "
    "see whether the models agree.",
    has_slider=True,
)
