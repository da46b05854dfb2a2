"""Lesson 1: an invertible network loses nothing."""

from typing import NamedTuple

import numpy as np

from app.images.alterations import blurred
from app.images.pictures import sample
from app.lessons.course import Choice, Lesson, Link, Note, Option
from app.lessons.parts import Part, Row, Tile
from app.lessons.prose import grouped
from app.models import registry
from app.models.decoding import Source, bound_text, draw, there_and_back
from app.models.predictions import latents_of
from ibinn_core.data.datasets import DATASETS, DEFAULT

IMAGE = 7  # of the samples
SEED = 2  # of the picture that is not the answer
LEVELS = 255  # grey levels from black to white


class Journey(NamedTuple):
    """An image on its way through the network and back."""

    latent: np.ndarray  # the latent as a picture, uint8 (32, 32, 3)
    back: np.ndarray  # what comes back, uint8 (32, 32, 3)
    sample: np.ndarray  # another image of the same class, drawn from the model, uint8 (32, 32, 3)
    difference: float  # the largest between any pixel value and what comes back, in grey levels


def journey(checkpoint_id: str, pixels: np.ndarray, label: int) -> Journey:
    """Sends an image, uint8 ``(32, 32, 3)``, of a class through a model and back."""
    back, difference = there_and_back(checkpoint_id, pixels)
    (other,) = draw(Source(checkpoint_id, temperature=1.0, center="empirical"), [label], seed=SEED)
    # A latent has the deviation 1 or so: drawn as grey, 50 levels a unit, nearly all of it is between black and white.
    latent = latents_of(checkpoint_id, pixels[None]).reshape(-1, *pixels.shape[:2]).transpose(1, 2, 0)
    shown = (LEVELS / 2 + 50 * latent).clip(0, LEVELS).astype(np.uint8)
    return Journey(shown, back, other, LEVELS * difference)


class ThereAndBack(Lesson[Choice]):
    """An image goes through the network, and all of it comes back."""

    title = "Nothing is lost: there and back"
    has_chart = False
    question = (
        "The network turns the {pixels} pixel values of this {name} into {pixels} other numbers, its [latent]. "
        "Then it runs backwards and sees nothing but the latent. **Which picture comes out?**"
    )
    ask = "Your guess"
    guess = Choice(
        (
            Option("same", "A: exactly the same picture"),
            Option("blurred", "B: the same, a little blurred"),
            Option("sample", "C: a new picture of its class"),
        )
    )
    caption = "The latent has as many numbers as the image has pixel values, so it can be drawn as a picture too."
    task = "Does a model lose more if the classes counted most in its training? Send the same image through that one."
    point = "An invertible network turns an image into its [latent] and back, and loses nothing."
    notes = (
        Note(30, "Show the picture and its latent. Ask what the network may have thrown away to make noise of it."),
        Note(30, "Show of hands for A, B and C. Most people choose B: they know it from compression."),
        Note(
            50,
            "Every layer can be undone, so the way back needs no guessing. Compare with a usual classifier, which "
            "keeps as many numbers as there are classes.",
        ),
        Note(
            40,
            "Open the link, or only say the answer: none of the models of photographs loses anything, whatever its γ. "
            "What changes is where in latent space an image lies; the next lessons are about that.",
        ),
    )
    needs = (registry.FIRST_MODEL,)

    def _journey(self) -> Journey:
        picture = sample(IMAGE, DATASETS[DEFAULT])
        return journey(registry.FIRST_MODEL, picture.pixels, picture.label or 0)

    def values(self) -> dict[str, str]:
        """Sizes, and the difference that was measured just now."""
        picture, gone = sample(IMAGE, DATASETS[DEFAULT]), self._journey()
        return {
            "pixels": grouped(picture.pixels.size),
            "name": picture.class_name,
            "difference": bound_text(gone.difference),
            "classes": str(len(registry.by_id(registry.FIRST_MODEL).classes)),
        }

    def reveal(self) -> str:
        """What came back."""
        return (
            "Every step of the network can be undone, so all {pixels} pixel values come back: none is off by more than "
            "{difference} grey levels. A usual classifier keeps {classes} numbers of an image and cannot go back; this "
            "network only rearranges it."
        )

    def verdict(self, guess: str) -> str:
        """Whether the picture was the right one."""
        right = "It is **A**, exactly the same picture."
        return {"": right, "same": f"You are right. {right}"}.get(guess, f"No. {right}")

    def parts(self, guess: str, revealed: bool) -> list[list[Part]]:
        """The way there and back, and the pictures to choose from."""
        picture, gone = sample(IMAGE, DATASETS[DEFAULT]), self._journey()
        name = picture.class_name
        end = Tile(gone.back if revealed else None, "what comes out", "what comes out" if revealed else "not yet shown")
        way = [
            Tile(picture.pixels, "the image", f"the image: {name}"),
            Tile(gone.latent, "its latent", "the latent, drawn as a picture: it looks like noise", "network"),
            end._replace(arrow="backwards"),
        ]
        pictures = {"same": picture.pixels, "blurred": blurred(picture.pixels), "sample": gone.sample}
        marks = {option: "" if not revealed else "right" if option == "same" else "wrong" for option in pictures}
        answers = [
            Tile(pixels, letter, f"{letter}: {option.label}", mark=marks[option.id])
            for letter, option, pixels in zip("ABC", self.guess.options, pictures.values(), strict=True)
        ]
        return [[Row(way, 190, 3)], [Row(answers, 130, 3)]]

    def link(self) -> Link:
        """The same image under the most discriminative model."""
        return Link(
            "The same image on the page Start",
            "",
            {"model": "only-ly", "image": sample(IMAGE, DATASETS[DEFAULT]).token},
        )
