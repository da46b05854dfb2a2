"""The controls of Out of distribution: which corruption, and how strong."""

from functools import partial

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.corruption import corrupted_images
from app.corruption.corrupted_images import COLORS, OPENING_COLORS, OPENING_TURN
from app.corruption.departure import departure_of, plane_of
from app.figures.path_view import PathView
from app.figures.readings import CorruptedImages, LikelihoodReading
from app.images.image_input import pick_image
from app.images.opening import opening
from app.images.pictures import is_dark
from app.widgets.choice import choose_one, pick_seed
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset

RGB_ROTATION, ROTATION, NOISE, BLEND, ATTACK = "RGB rotation", "Rotation", "Noise", "Blend", "Attack"
ATTACKS = ("Plain", "Adaptive")
DEPARTURE, PLANE = "Departure", "Plane of the means"
Make = partial[CorruptedImages]  # computes the steps


def amount(options: list[float], default: float, value: state.Value[str], explanation: str, unit: str = "") -> float:
    """How strong the corruption gets; kept in the URL."""
    text = "{:g}{}".format
    return st.select_slider(
        "Up to",
        options,
        default,
        format_func=lambda value: text(value, unit),
        **state.bound(value),
        help=explanation,
        width=200,
    )


def seed(explanation: str) -> int:
    """The seed of the random numbers; kept in the URL."""
    return pick_seed(state.OOD_SEED, explanation, width=130)


def pick_rotation(pixels: np.ndarray) -> Make:
    """The controls of the rotation, and what makes the images."""
    explanation = "How far the colours turn; the paper's out-of-distribution set is at 0.3 π = 54°."
    largest = amount([54, 90, 180, 360], OPENING_COLORS, state.ANGLE, explanation, "°")
    axis = tuple(ib.exploration.random_axis(seed("Another seed turns about another axis.")))
    return partial(corrupted_images.rotation, pixels, largest, axis)


def pick_turn(pixels: np.ndarray, dataset: Dataset) -> Make:
    """The controls of the rotation in the plane, and what makes the images."""
    explanation = "How far the image turns, anticlockwise about its middle."
    if {"6", "9"} <= set(dataset.classes):
        explanation += " A 6 that is turned by 180° is a 9."
    largest = amount([45, 90, 180, 360], OPENING_TURN, state.TURN, explanation, "°")
    return partial(corrupted_images.turn, pixels, largest)


def pick_noise(pixels: np.ndarray) -> Make:
    """The controls of the noise, and what makes the images."""
    explanation = "Where pixel values run from 0 to 1. The paper's noise is small: one hardly sees it."
    largest = amount([0.02, 0.05, 0.1, 0.2, 0.5], 0.1, state.AMPLITUDE, explanation)
    return partial(
        corrupted_images.noise, pixels, largest, seed("Another seed makes another pattern, which then grows.")
    )


def pick_blend(pixels: np.ndarray) -> Make:
    """The controls of the blend, and what makes the images."""
    with st.container(width=150):
        other = pick_image(state.OTHER, "Into", opening("other"))
    return partial(corrupted_images.blend, pixels, other.pixels, other.name)


def pick_attack(pixels: np.ndarray, checkpoint: Checkpoint) -> Make:
    """The controls of the attack on a model with a likelihood, and what makes the images."""
    explanation = (
        "Plain: raises -log q(y | x) of the class that the model sees at first. Adaptive: also stays typical, since it "
        "knows the typicality test."
    )
    kind = choose_one("Kind", ATTACKS, state.ATTACK, explanation)
    explanation = "ε: by how many grey levels, of 256, each value may change at most."
    default = 64 if is_dark(checkpoint.dataset) else 8
    largest = amount([8, 16, 32, 64], default, state.LEVELS, explanation, "/256")
    return partial(corrupted_images.attack, checkpoint.id, pixels, int(largest), kind == ATTACKS[1])


def pick_corruption(dataset: Dataset) -> str:
    """Which corruption; kept in the URL. Only images with colours have colours to rotate."""
    in_color = dataset.image_shape[0] == COLORS
    known = (RGB_ROTATION if in_color else ROTATION, NOISE, BLEND, ATTACK)
    what = "Rotate colours" if in_color else "Turn it"
    return choose_one(
        "Corruption",
        known,
        state.CORRUPTION,
        f"{what}, add noise, or blend into another image: three ways out of the training distribution (Fig. 5). Or "
        "attack it: change it as little as can be, and so that its class changes.",
    )


def corrupt(corruption: str, pixels: np.ndarray, checkpoint: Checkpoint) -> Make:
    """The controls of a corruption of an image ``(H, W, C)``, and what makes its steps; the model is attacked."""
    dataset = checkpoint.dataset
    if corruption == ATTACK:
        return pick_attack(pixels, checkpoint)
    if corruption == RGB_ROTATION:
        return pick_rotation(pixels)
    if corruption == NOISE:
        return pick_noise(pixels)
    return pick_turn(pixels, dataset) if corruption == ROTATION else pick_blend(pixels)


def pick_view(checkpoint: Checkpoint, reading: LikelihoodReading) -> PathView:
    """On which axes the path of a model's reading is drawn; kept in the URL."""
    explanation = (
        "Departure: how untypical the image is, against the odds of two classes. Plane of the means: the latent in the "
        "plane of the class means, as in the paper's Fig. 12; most of the path is hidden there."
    )
    if choose_one("Axes", (DEPARTURE, PLANE), state.AXES, explanation, is_labelled=False) == DEPARTURE:
        return departure_of(checkpoint, reading)
    return plane_of(checkpoint, reading.latents)
