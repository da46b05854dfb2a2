"""The panel Corrupt: an image changes step by step, and each model notices the change or not (Figs. 5 and 12)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.answer import CONFIDENT_FROM, Answer
from app.controls import Before, ComparedState, names_of, one_of, picture, picture_of
from app.desk import Question, question
from app.figures.bits_scale import scale_for
from app.figures.corruption import corruption_figure
from app.figures.layout import Frames
from app.figures.path_view import MOST_ODDS, Departure, PathView, Plane
from app.figures.readings import CorruptedImages, Reading
from app.images import pictures
from app.images.pictures import is_dark, pixels_of
from app.inference.bits import bits_per_dim
from app.inference.computations import attack, evaluate
from app.inference.corruptions import attack_levels, attacked, faded, noisy, rotated_colors, turned
from app.latent_space import clouds
from app.models import registry
from app.models.names import colors_of, name_of
from app.models.summary import caveat_of
from app.panel import Panel, Part, Plot, View
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.attack import WEIGHT

COLORS, TURN, NOISE, BLEND, ATTACK = "RGB rotation", "Rotation", "Noise", "Blend", "Attack"
DEPARTURE, PLANE = "Departure", "Plane of the means"
ADAPTIVE = "Adaptive"
FRAME = 130  # milliseconds per frame, slow enough for slow machines
OF_PAIR, OF_OTHERS, OF_PLANE = 500, 800, 2500  # numbers of test images drawn; all would make frames stutter


def _kinds(before: Before) -> dict[str, str]:
    """The kinds of corruption; only colour images have the RGB rotation."""
    first = COLORS if registry.dataset().image_shape[0] == 3 else TURN
    return {kind: kind for kind in (first, NOISE, BLEND, ATTACK)}


def _is(*kinds: str) -> Callable[[Before], bool]:
    return lambda before: before["corruption"] in kinds


def _amounts(unit: str, *values: str) -> Callable[[Before], dict[str, str]]:
    return lambda before: {value: f"{value}{unit}" for value in values}


@dataclass(frozen=True)
class State(ComparedState):
    """The image, and its corruption."""

    image: str = picture("Image", "corrupted")
    corruption: str = one_of("By", _kinds, help="Three ways out of the training distribution, and attacks.")
    angle: str = one_of(
        "Up to",
        _amounts("°", "54", "90", "180", "360"),
        lambda before: "360" if before["corruption"] == COLORS else "180",
        "The paper's out-of-distribution set rotates colours by 0.3 π = 54°.",
        _is(COLORS, TURN),
    )
    amplitude: str = one_of(
        "Up to",
        _amounts("", "0.02", "0.05", "0.1", "0.2", "0.5"),
        lambda before: "0.1",
        "For pixel values from 0 to 1. The paper's noise is so small that you hardly see it.",
        _is(NOISE),
    )
    other: str = picture("Into", "other", _is(BLEND))
    attack: str = one_of(
        "Kind",
        names_of(["Plain", ADAPTIVE]),
        help="Plain: raises -log q(y | x) of the model's first answer. Adaptive: also tries to stay typical.",
        is_shown=_is(ATTACK),
    )
    levels: str = one_of(
        "Up to",
        _amounts("/256", "8", "16", "32", "64"),
        lambda before: "64" if is_dark(registry.dataset()) else "8",
        "ε: the largest change of a value; there are 256 grey levels.",
        _is(ATTACK),
    )
    axes: str = one_of(
        "Axes",
        lambda before: {DEPARTURE: DEPARTURE, PLANE: "Class means"},
        help="Departure: how untypical the image is, against the odds of two classes. Class means: the latent in the "
        "plane of the class means.",
    )


def views(state: State) -> list[View]:
    """An animation of the image, the models' answers, and for each model, whether it notices the corruption."""
    chosen = picture_of(state.image)
    steps = _steps(state)
    needs = [steps, *(question(evaluate, model, steps) for model in state.models)]
    beside = [question(evaluate, model, steps) for model in state.beside]

    def draw(corrupted: CorruptedImages, *able: Answer) -> Part:
        colors = colors_of([registry.by_id(one.model) for one in able])
        readings = [_reading(one, color) for one, color in zip(able, colors, strict=True)]
        shown = list(state.models).index(state.model)
        checkpoint = registry.by_id(state.model)
        view_of = _departure if state.axes == DEPARTURE else _plane
        view = view_of(checkpoint, able[shown])
        return Plot(
            "ood-figure",
            corruption_figure(view, corrupted, readings, shown, classes=checkpoint.classes),
            f"{chosen.name} while {corrupted.what}: path, posterior, and distance from typical bits/dim.",
            wide=True,
            narrowest=680,
            frames=Frames(corrupted.labels, FRAME, f"{len(corrupted)} {corrupted.labels[-1]}"),
            about=f"{chosen.name} {state.corruption} {state.axes}",
        )

    def say(corrupted: CorruptedImages, *answers: Answer) -> Sequence[Part]:
        said = [f"- **{name_of(registry.by_id(one.model))}**: {headline(one, corrupted.labels)}." for one in answers]
        return ["\n".join(said), *filter(None, (caveat_of(registry.by_id(model)) for model in state.models))]

    film = steps.key if state.corruption == ATTACK else state.corruption
    return [View(needs, draw, film=film), View([*needs, *beside], say)]


def _steps(state: State) -> Question[CorruptedImages]:
    """The question that computes the steps of the corruption."""
    pixels = question(pixels_of, state.data, state.image)
    if state.corruption == COLORS:
        return question(rotated_colors, pixels, float(state.angle))
    if state.corruption == TURN:
        return question(turned, pixels, float(state.angle))
    if state.corruption == NOISE:
        return question(noisy, pixels, float(state.amplitude))
    if state.corruption == BLEND:
        other = pictures.from_token(state.other)
        return question(faded, pixels, question(pixels_of, state.data, state.other), other.name if other else "")
    weight = WEIGHT if state.attack == ADAPTIVE else 0.0
    levels = attack_levels(int(state.levels))[1:]
    attacks = [question(attack, state.model, pixels, level, weight) for level in levels]
    return question(attacked, pixels, int(state.levels), *attacks)


def _reading(one: Answer, color: str) -> Reading:
    assert one.bits is not None and one.typical is not None and one.p_value is not None
    low, high = one.typical
    offset = (one.bits - (low + high) / 2) / ((high - low) / 2)
    name = name_of(registry.by_id(one.model))
    return Reading(name, color, one.posterior, one.entropy, one.bits, offset, one.p_value)


def headline(one: Answer, labels: Sequence[str]) -> str:
    """A text with the number of steps out of distribution, and how many of these have a confident posterior."""
    is_confident = one.posterior.max(1) >= CONFIDENT_FROM
    steps, sure = len(labels), int(is_confident.sum())
    if one.is_typical is None:
        return f"no likelihood; it is confident at {sure} of {steps} steps"
    outside = ~one.is_typical
    if not outside.any():
        return f"every step is typical; it is confident at {sure} of {steps} steps"
    first, both = labels[int(outside.argmax())], int((outside & is_confident).sum())
    return (
        f"{outside.sum()} of {steps} steps are out of distribution, the first at {first}; it is confident at {both} "
        f"of these {outside.sum()}"
    )


def _departure(checkpoint: Checkpoint, answer: Answer) -> PathView:
    """The image among test images: bits/dim over the odds of the first answer against its rival."""
    assert answer.bits is not None and answer.typical is not None
    latent, pair = checkpoint.latent, rivals(answer.posterior)
    order = np.random.default_rng(0).permutation(len(latent["labels"]))  # the same images each time
    labels = latent["labels"][order]
    of_pair = [order[labels == k][:OF_PAIR] for k in pair]
    rows = np.concatenate([order[~np.isin(labels, pair)][:OF_OTHERS], *of_pair])
    odds, bits = log10_odds(latent["posterior"][rows], pair), bits_per_dim(checkpoint, latent["log_prob"][rows])
    scale = scale_for(answer.bits, answer.typical)
    path = np.stack([log10_odds(answer.posterior, pair), scale.place(answer.bits)], 1)
    cloud = np.stack([odds, scale.place(bits)], 1)
    return Departure(cloud, latent["labels"][rows], path, answer.typical, pair, scale)


def _plane(checkpoint: Checkpoint, answer: Answer) -> PathView:
    """The image among test images, as latents in the plane of the class means."""
    latent, latents = checkpoint.latent, answer.latents
    assert latents is not None
    path = clouds.place(checkpoint, "means", latents)
    rows = np.random.default_rng(0).permutation(len(latent["labels"]))[:OF_PLANE]
    way = np.linalg.norm(latents - latents[0], axis=1)
    share = float(np.linalg.norm(path[way.argmax()] - path[0]) / max(way.max(), 1e-12))
    points, means = clouds.cloud(checkpoint, "means")
    said = "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"
    return Plane(points[rows], latent["labels"][rows], path, means, said)


def rivals(posterior: np.ndarray) -> tuple[int, int]:
    """The top class of the first of T posteriors, ``(T, K)``, and the other class whose posterior gets highest."""
    first = int(posterior[0].argmax())
    highest = posterior.max(0).astype(np.float64)
    highest[first] = -1
    return first, int(highest.argmax())


def log10_odds(posterior: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """The log10 odds ``(N,)`` of the second class of a pair against the first, for posteriors ``(N, K)``."""
    first, second = (np.log10(np.maximum(posterior[:, k].astype(np.float64), 10.0**-MOST_ODDS)) for k in pair)
    return second - first


PANEL = Panel(
    "corrupt",
    "Corrupt",
    "**The path**: once it leaves the blue band of typical images, the likelihood has noticed the change. A good "
    "posterior gets less sure as the image gets worse.",
    State,
    views,
    "The networks saw no such images in training. Dots are test images. Vertical: bits/dim; the higher, the less "
    "likely. Horizontal: the odds of the first answer against its strongest rival. A path can also leave the band at "
    "the bottom: the image is then *too* likely. In the curve, the band is from −1 to 1. An attack climbs "
    "the gradient of -log q(y | x) within ε of each pixel value; an adaptive attack also tries to stay typical, so "
    "that the typicality test misses it. Attacks are on the slider's model; the other models see the same images.",
    has_slider=True,
    rows=3,  # two of controls, and the player
    moving="ood-figure",
)
