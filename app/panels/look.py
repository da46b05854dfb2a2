"""The panel Look: the test images among the Gaussians of their classes (Fig. 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app import state as session
from app.answer import Answer
from app.controls import Before, ComparedState, clicked, clicked_image, one_of, picture, picture_of, some_of, switch
from app.desk import Question, question
from app.figures.classes import MAX_CLASSES, OTHER, TOP, colors_of, drawn_classes
from app.images import pictures
from app.images.opening import classes_named
from app.images.pictures import Picture
from app.inference.computations import evaluate, stacked
from app.latent_space import clouds
from app.latent_space.dot_pictures import pictures_of
from app.latent_space.lasso_text import to_text
from app.latent_space.plane import DotDetails, Plane, hand_of
from app.latent_space.questions import Cloud, answer_around, cloud, lassoed
from app.models import registry
from app.models.live import as_picture
from app.models.names import name_of
from app.panel import Panel, Part, View
from app.panels.chosen_images import BARS, bars, details, selection
from app.panels.sample import classes_and_superclasses
from app.state import Value
from app.widgets.markdown import markdown_text
from app.widgets.stage import is_on_stage
from app.widgets.tiles import Tiles
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import MixedCheckpoint

VIEWS = {"means": "Class means", "pca": "PCA", "lda": "LDA", "umap": "UMAP"}
CLASS, MISTAKES, SUPERCLASS = "class", "mistakes", "superclass"
COLORS = {CLASS: "Class", MISTAKES: "Mistakes"}


def _views(before: Before) -> Mapping[str, str]:
    """The planes to choose from; mixed models have only the plane of the means."""
    is_mixed = any(isinstance(registry.by_id(model), MixedCheckpoint) for model in before["models"])
    return {"means": VIEWS["means"]} if is_mixed else VIEWS


def _colors(before: Before) -> Mapping[str, str]:
    return COLORS | ({SUPERCLASS: "Superclass"} if registry.dataset().superclasses else {})


def _has_stars(before: Before) -> bool:
    return before["view"] != "umap"  # UMAP places only the test images


def _drawn(before: Before) -> Sequence[str]:
    """The classes drawn by default: all, or if there are too many, the ten that the default model knows best."""
    first = registry.by_id(registry.first_of([c.id for c in registry.with_likelihood()]))
    if len(first.classes) <= MAX_CLASSES or before["color"] == SUPERCLASS:
        return first.classes
    latent, count = first.latent, len(first.classes)
    labels = latent["labels"].astype(int)
    right = np.bincount(labels[latent["posterior"].argmax(1) == labels], minlength=count)
    share = right / np.maximum(np.bincount(labels, minlength=count), 1)
    best = np.argsort(-share, kind="stable")[:TOP]
    return [first.classes[k] for k in sorted(best)]


@dataclass(frozen=True)
class State(ComparedState):
    """The plane, the meaning of the colours, and the chosen images."""

    view: str = one_of("Plane of", _views, help="Between trained γ there is only the plane of the class means.")
    color: str = one_of("Colour", _colors, help="What a dot's colour means.")
    drawn: Sequence[str] = some_of("Classes", classes_and_superclasses, _drawn)
    add: bool = switch("Mark an image", "Puts an image of your choice into the plane, as a star.", _has_stars)
    mine: str = picture("Star", "mine", lambda before: before["add"] and _has_stars(before))
    point: str = clicked_image()
    lasso: str = clicked(lambda said, before: said)


def views(state: State) -> list[View]:
    """A plane for each model, then the star, the images in the lasso or the chosen image."""
    focus = registry.by_id(state.model)
    lasso = lassoed(focus, state.lasso)
    row, title = _chosen(state, focus)
    image = f"{focus.latent['hashes'][row]:016x}"
    places = [question(cloud, model, state.view, *filter(None, [state.lasso])) for model in state.models]
    star = _star(state, focus)
    asked_of_star = []
    if star:
        shown_image = question(stacked, question(pictures.pixels_of, state.data, star.token))
        asked_of_star.append(question(evaluate, state.model, shown_image))

    def planes(*found: Any) -> list[Part]:
        answer = found[-1] if star else None
        return [_plane(state, one, image, star, answer) for one in found[: len(places)]]

    shown = [View([*places, *asked_of_star], planes)]
    if len(focus.classes) > MAX_CLASSES and state.view == "means":
        share = f"The plane holds {clouds.share_of_plane(focus):.0%} of the variance of the {len(focus.classes)} means."
        grey = "Small grey dots are the means of classes without a name."
        shown.append(View([], lambda: f"{share} Classes that overlap here may be far apart. {grey}", on_stage=False))
    if star:
        pixels = Tiles("look-image", star.pixels[None], [star.name], "The star's image.", largest=96, wide=False)
        said = f"{star.name}, the star"
        shown.append(View(asked_of_star, lambda one: [pixels, *bars(one, said, star.label, star.pixels)]))
    elif len(lasso):
        shown.append(View(places, lambda *found: selection(focus, found, len(lasso))))
    else:
        beside = [one for one in state.beside if clouds.row_of(registry.by_id(one), image) >= 0]
        asked: list[Question] = [question(answer_around, model, image) for model in (state.model, *beside)]
        shown.append(View(asked, lambda *found: details(focus, row, title, found), on_stage=len(places) == 1))
    return shown


def _star(state: State, focus: Checkpoint) -> Picture | None:
    """The image that the plane shows as a star: the marked image, or a clicked image that the model lacks."""
    if not _has_stars(vars(state)):
        return None
    if state.add:
        return picture_of(state.mine)
    is_unknown = state.point and not state.lasso and clouds.row_of(focus, state.point) < 0
    return pictures.from_token(f"{pictures.TEST}-{state.point}") if is_unknown else None


def _chosen(state: State, focus: Checkpoint) -> tuple[int, str]:
    """The row and description of the clicked image, or of the image that the page opens with."""
    if state.point and (row := clouds.row_of(focus, state.point)) >= 0:
        return row, "A test image"
    return clouds.first_shown(focus)


def _plane(state: State, found: Cloud, image: str, chosen: Picture | None, answer: Answer | None) -> Plane:
    model = registry.by_id(found.model)
    groups, names = _groups(state, model)
    drawn = drawn_classes(groups, len(names))
    groups = np.where(np.isin(groups, drawn) | (groups < 0), groups, OTHER)
    is_focus, is_alone = model.id == state.model, len(state.models) == 1
    row = clouds.row_of(model, image)
    means = found.means
    if state.color == SUPERCLASS:
        means = np.stack([found.places[groups == k].mean(0) for k in range(len(names))])
    star = hand = live = None
    if chosen and answer and is_focus and answer.latents is not None:
        star = clouds.place(model, state.view, answer.latents)[0]
        if state.view == "means":
            hand = hand_of(model, chosen, star, answer.posterior[0], BARS)
            task = {"picture": as_picture(model, chosen.pixels), "anchors": clouds.anchors_of_plane(model).tolist()}
            live = (model.id, "star", task)
    elif is_focus and state.view == "means" and row >= 0:
        is_here = pictures.test_image(model.id, row) is not None
        ringed = pictures.from_token(pictures.token_of(found.hashes[row])) if is_here else None
        if ringed is not None and not found.lasso.any():
            hand = hand_of(model, ringed, found.places[row], model.latent["posterior"][row], BARS, "ring")
    card, bits = model.card, model.card["bits_per_dim"]["mean"]

    def pick(dot: int) -> None:
        session.put(Value("lasso", ""), "")
        session.put(Value("point", ""), f"{found.hashes[dot]:016x}")

    def choose(dots: list[int]) -> None:
        first = registry.with_likelihood()[0].latent
        session.put(Value("lasso", ""), to_text(found.hashes[dots], first["hashes"], first["labels"]))

    return Plane(
        "look-0" if is_focus else f"look-{1 + state.models.index(model.id)}",
        f"The test images under {name_of(model)}, a dot each, coloured by {state.color}.",
        model.id,
        found.places,
        groups,
        names=names,
        colors=colors_of(len(names), drawn),
        frame=found.frame,
        means=means,
        named=None if len(drawn) == len(names) else drawn,
        circles=state.view == "means" and state.color != SUPERCLASS,
        details=DotDetails(
            found.classes, found.labels, found.predicted, found.confidence, found.bits, pictures_of(model)
        ),
        heading=""
        if is_alone
        else f"**{markdown_text(name_of(model))}**: error {card['error']:.1%}, {bits:.2f} bits/dim",
        ring=row if row >= 0 and star is None else None,
        lasso=np.flatnonzero(found.lasso).tolist(),
        star=star,
        hand=hand,
        track=clouds.track_of(model) if is_focus and state.view == "means" else None,
        on_dot=pick,
        on_lasso=choose,
        beside=is_alone or not is_on_stage(),
        live=live,
    )


def _groups(state: State, model: Checkpoint) -> tuple[np.ndarray, list[str]]:
    """The group of each test image, ``(N,)``, -1 for an image that is not drawn, and the names of the groups."""
    dataset, latent = model.dataset, model.latent
    labels = latent["labels"].astype(int)
    if state.color == SUPERCLASS:
        return clouds.superclasses(dataset)[labels], list(dataset.superclasses)
    is_drawn = np.isin(labels, classes_named(state.drawn))
    if state.color == MISTAKES:
        is_drawn &= latent["posterior"].argmax(1) != labels
    return np.where(is_drawn, labels, -1), list(dataset.classes)


PANEL = Panel(
    "look",
    "Look",
    "Each dot is a test image. In the plane of the class means, nine in ten images of a class lie in its dotted circle "
    "if the mixture fits, and you can **drag** the star. A large γ drives the classes apart, but the plane shows only "
    "two directions of this. Move the slider. **Click** a dot, zoom with the wheel or two fingers. Press **◌** to draw "
    "a lasso.",
    State,
    views,
    "Draw a lasso around a border between two classes: how many images in the lasso does the model get "
    "wrong? They stay chosen when you change the model. The images of a class do not lie around its mean exactly. This "
    "offset lowers the likelihood. It can change the posterior only along the dimensions that the means span. All "
    "planes are rotated, but not scaled, to match the plane of one model (Procrustes). The alignment of the latents, "
    "an affine map, leaves every posterior unchanged. UMAP preserves only neighbourhoods, so its plane has no means.",
    has_slider=True,
    moving=lambda state: "look-0" if state.view == "means" and clouds.curve_of(registry.by_id(state.model)) else "",
)
