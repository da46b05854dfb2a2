"""Lesson 1: an invertible network loses nothing."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter

from app.answer import Answer, Images, bound_text
from app.desk import Question, question
from app.images.pictures import Picture, pixels_of, sample
from app.inference.computations import evaluate, samples, stacked, there_and_back
from app.lessons.course import Found
from app.lessons.prose import grouped
from app.models import registry
from app.panel import Part
from app.widgets.tiles import Tiles
from ibinn_core.data.datasets import DATASETS, DEFAULT

MODEL = registry.FIRST_MODEL
IMAGE = 7  # index of the sample
SEED = 2  # seed of the sample that is one of the wrong answers
GREY = 128


def image() -> Picture:
    """Returns the image to encode and decode."""
    return sample(IMAGE, DATASETS[DEFAULT])


def blurred(pixels: np.ndarray) -> np.ndarray:
    """Averages each 3 × 3 neighbourhood of an image, uint8 ``(H, W, C)``."""
    return uniform_filter(pixels.astype(float), 3, mode="nearest", axes=(0, 1)).round().astype(np.uint8)


def questions(revealed: bool) -> list[Question]:
    """Returns questions for the latent, the decoded image, and another sample of the same class."""
    pixels = question(stacked, question(pixels_of, DEFAULT, image().token))
    drawn = question(samples, MODEL, [image().label], 1.0, "empirical", 1.0, SEED)
    return [question(evaluate, MODEL, pixels), question(there_and_back, MODEL, pixels), drawn]


def found(answer: Answer, back: dict[str, np.ndarray], drawn: Images) -> Found:
    """Returns how far the decoded image is from the original, and shows it among wrong answers."""
    start = image()
    values = {
        "pixels": grouped(start.pixels.size),
        "name": start.class_name,
        "difference": bound_text(255 * float(back["difference"][0])),
        "classes": str(len(answer.classes)),
        "image": start.token,
    }

    assert answer.latents is not None
    height, width, channels = start.pixels.shape
    latent = answer.latents[0].reshape(channels, height, width).transpose(1, 2, 0)
    # The standard deviation is about 1. With 50 grey levels per unit, nearly all values stay between black and white.
    noise = (GREY + 50 * latent).clip(0, 255).astype(np.uint8)

    def draw(guess: str, revealed: bool) -> Sequence[Part]:
        names = ["the image", "→ its latent"]
        options = ["✓ " * revealed + "A: the same", "B: a little blurred", "C: a new picture"]
        way, candidates = (start.pixels, noise), (back["images"][0], blurred(start.pixels), drawn.pixels[0])
        caption = f"An image, {start.class_name}, and its latent."
        layout = {"columns": 2, "wide": False}
        return [
            Tiles("lesson-way", np.stack(way), names, caption, captions=names, largest=600, **layout),
            Tiles(
                "lesson-back",
                np.stack(candidates),
                options,
                "The pictures that may come back.",
                captions=options,
                largest=300,
                **layout,
            ),
        ]

    return Found(values, ["same"], draw)
