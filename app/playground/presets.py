"""Lessons of the playground: each a link, two sentences, and something to try."""

import math
from typing import Any, NamedTuple

from app import state
from app.play_text import Aim, Play, as_text
from app.widgets.share import link_of


class Preset(NamedTuple):
    """A lesson.

    Attributes:
        name: of it.
        words: two sentences.
        task: what to try, as a sentence after "Try:".
        play: what is trained.
        painted: points beside those of its kind, as a link has them.
    """

    name: str
    words: tuple[str, str]
    task: str
    play: Play
    painted: str = ""

    @property
    def address(self) -> str:
        """The query of its link."""
        return link_of("", {name: [text] for name, text in self.query.items()})

    @property
    def query(self) -> dict[str, str]:
        """What its link says."""
        return state.query({state.PLAY: self.play, state.PAINTED: self.painted})


_DRAFT = (
    Preset(
        "Generative",
        (
            "A small γ asks above all where points lie: samples (×) fall onto the moons, and each class fills its "
            "Gaussian.",
            "The regions come along with that, for a class is where its density is the higher one.",
        ),
        "slide γ to only classes, press Reset and Play: trained like that, samples miss the data.",
        Play(aims=(Aim("ib", 0.1),)),
    ),
    Preset(
        "Discriminative",
        (
            "Only the classes count: the points run far past their Gaussians, and hardly one is taken for the other "
            "class.",
            "Where points lie nobody has asked, so samples miss the data, and bits/dim soar.",
        ),
        "slide γ back to 1: the samples return; the error rises for a moment, and falls again.",
        Play(aims=(Aim("ib", math.inf),)),
    ),
    Preset(
        "Why class-NLL forgets",
        (
            "Class-NLL, the usual loss of a conditional flow, is this loss at a very small γ: one divided by the "
            "number of values in an image, 1/3072 for CIFAR-10.",
            "Model B has that γ: labels hardly count, the means come together, and most points are misjudged.",
        ),
        "slide B to the right, and find the γ from which the rings come apart.",
        Play("circles", 4, aims=(Aim("ib", 1.0), Aim("ib", 1 / 3072))),
    ),
    Preset(
        "An outlier far away",
        (
            "The star lies where no point is, and the posterior is sure of its class all the same: it only compares "
            "classes.",
            "The density knows better: every point of the data is likelier.",
        ),
        "click on other empty places: the posterior stays sure nearly everywhere, and the density is never high.",
        Play(at=(2.6, 2.2)),
    ),
    Preset(
        "A hole in the data",
        (
            "In latent space each class has half of the plane, and the way back tears nothing: no class can be locked "
            "in.",
            "So the outer ring stays open somewhere, and the inner class leaks out through the gap.",
        ),
        "set classes to 3, and look for the way out of each inner ring.",
        Play("circles", aims=(Aim("ib", 1.0),)),
    ),
    Preset(
        "Too few couplings",
        (
            "Two couplings cannot wind the plane as often as the arms do: more than a third of the points are "
            "misjudged.",
            "To train on does not help.",
        ),
        "set couplings to 12: the same points, and no error is left.",
        Play("spiral", 3, noise=0.05, couplings=2),
    ),
)
#: Each says in its link which it is.
PRESETS = tuple(one._replace(play=one.play._replace(lesson=at + 1)) for at, one in enumerate(_DRAFT))


def named(name: str) -> Preset:
    """The lesson of that name; ``StopIteration`` if there is none."""
    return next(one for one in PRESETS if one.name == name)


def as_data() -> list[dict[str, Any]]:
    """What the element gets."""
    return [
        {
            "name": one.name,
            "words": list(one.words),
            "task": one.task,
            "play": as_text(one.play),
            "painted": one.painted,
            "address": one.address,
        }
        for one in PRESETS
    ]
