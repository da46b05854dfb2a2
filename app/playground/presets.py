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


GENERATIVE, DISCRIMINATIVE, FORGETS, OUTLIER, HOLE, FEW = range(6)

_DRAFT = (
    Preset(
        "Generative",
        (
            "A small γ asks above all where points lie: the samples fall onto the moons, and each class fills its "
            "Gaussian.",
            "Between the classes the model stays unsure, and that shows in the shade.",
        ),
        "slide γ to only classes, and see the samples leave the data.",
        Play(aims=(Aim("ib", 0.1),)),
    ),
    Preset(
        "Discriminative",
        (
            "A large γ asks only which class a point is of: the regions become sharp, the Gaussians move far apart.",
            "Nothing asks any more where the points lie, and the samples show that.",
        ),
        "go back to γ = 1: which of the curves pays for it?",
        Play(aims=(Aim("ib", math.inf),)),
    ),
    Preset(
        "Why class-NLL forgets",
        (
            "The likelihood given the class lets labels count as γ = 1/dim(X) does: 1/2 in this plane, but 1/3072 for "
            "an image of CIFAR-10, as under model B.",
            "There the Gaussians have no reason to part, and the classes are forgotten.",
        ),
        "slide B upwards, and find the γ from which the means part.",
        Play(kind="blobs", classes=4, noise=0.15, aims=(Aim("ib", 1.0), Aim("ib", 1 / 3072))),
    ),
    Preset(
        "An outlier far away",
        (
            "The star is far from all points, and the posterior is sure all the same: it only compares the classes.",
            "The density knows better: hardly a point is less likely.",
        ),
        "drag the star around the data, and slide γ to only classes: what does the density say then?",
        Play(aims=(Aim("ib", 1.0),), at=(3.2, 2.6)),
    ),
    Preset(
        "A hole in the data",
        (
            "A Gaussian has no hole, and an invertible map can neither cut one nor tear.",
            "So a thin bridge of density stays across the ring, and samples fall onto it.",
        ),
        "paint points of the ring's class into its middle, and the bridge goes.",
        Play(kind="circles", aims=(Aim("ib", 0.1),)),
    ),
    Preset(
        "Too few couplings",
        (
            "Two couplings bend the plane too little for a spiral: the regions are coarse, and many points lie wrong.",
            "More steps do not help.",
        ),
        "set couplings to 12, and it follows the arms.",
        Play(kind="spiral", couplings=2, noise=0.05),
    ),
)
#: Each says in its link which it is.
PRESETS = tuple(one._replace(play=one.play._replace(lesson=at + 1)) for at, one in enumerate(_DRAFT))


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
