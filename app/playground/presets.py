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
        tried: what the task makes of it, for a button that does it; ``None`` if that takes a hand.
        restarts: whether the network begins anew for it.
    """

    name: str
    words: tuple[str, str]
    task: str
    play: Play
    painted: str = ""
    tried: Play | None = None
    restarts: bool = True

    @property
    def address(self) -> str:
        """The query of its link."""
        return link_of("", {name: [text] for name, text in self.query.items()})

    @property
    def query(self) -> dict[str, str]:
        """What its link says."""
        return state.query({state.PLAY: self.play, state.PAINTED: self.painted})


#: Their numbers are of held-out points, measured by what a browser trains from these links; docs/playground.md has them
#: for other seeds too.
_DRAFT = (
    Preset(
        "Generative",
        (
            "With γ = 0.1, where it begins, the loss asks above all how likely the points are: after 1,000 steps "
            "L_X is about 1.1, and the samples (×) lie where the points do.",
            "The classes count less: about 24 % of the points are taken for another class.",
        ),
        "slide γ to 10, press Reset, then Play: after 1,000 steps only about 19 % are, but L_X is about 1.25, which is "
        "worse.",
        Play(classes=5, noise=0.2, aims=(Aim("ib", 0.1),)),
        tried=Play(classes=5, noise=0.2, aims=(Aim("ib", 10),)),
    ),
    Preset(
        "Discriminative",
        (
            "With γ = ∞, where it begins, only the classes count: no point is taken for the other class, but the "
            "points end far outside of their Gaussians.",
            "The loss does not ask how likely the points are: L_X rises to about 14, and most samples (×) lie beside "
            "the moons.",
        ),
        "then slide γ to 1: a quarter of the points are misjudged for a moment; 200 steps later hardly any is, and the "
        "samples lie on the moons.",
        Play(seed=1, aims=(Aim("ib", math.inf),)),
        tried=Play(seed=1, aims=(Aim("ib", 1),)),
        restarts=False,
    ),
    Preset(
        "Class-NLL of CIFAR-10",
        (
            "Class-NLL is this loss with γ = 1/dim: 1/3072 for the images of CIFAR-10, as in model B.",
            "Labels hardly count then: B misjudges about three points of four, like a guess, after 4,000 steps too.",
        ),
        "press Reset, slide B to the mark at 0.1, then Play: it learns the rings. So does class-NLL here, where γ is "
        "1/2.",
        Play("circles", 4, aims=(Aim("ib", 1.0), Aim("ib", 1 / 3072))),
        tried=Play("circles", 4, aims=(Aim("ib", 1.0), Aim("ib", 0.1))),
    ),
    Preset(
        "An outlier far away",
        (
            "The star lies where no point is, and the posterior is sure of its class all the same: it only compares "
            "classes.",
            "The density tells it from the data: every point is likelier.",
        ),
        "click on other empty places: the posterior is sure nearly everywhere, and nearly every point is likelier.",
        Play(at=(2.6, 2.2)),
    ),
    Preset(
        "A hole in the data",
        (
            "The outer ring has a hole, in which the inner ring lies; but in latent space each class has half of the "
            "plane, and the flow is continuous and invertible.",
            "So neither class can enclose the other: the outer class's region is open somewhere, and the inner one's "
            "leaves the hole through that gap.",
        ),
        "set classes to 3, and look for the way out of each inner ring.",
        Play("circles", seed=1, couplings=4, aims=(Aim("ib", 0.1),)),
        tried=Play("circles", 3, seed=1, couplings=4, aims=(Aim("ib", 0.1),)),
    ),
    Preset(
        "Too few couplings",
        (
            "With two couplings, where it begins, the flow cannot wind the plane as often as the arms do: after 1,000 "
            "steps about 36 % of the points are misjudged.",
            "To train on helps little: after 8,000 steps about 32 % still are.",
        ),
        "set couplings to 12: the same points, and after 250 steps hardly any error is left.",
        Play("spiral", 3, noise=0.05, couplings=2),
        tried=Play("spiral", 3, noise=0.05, couplings=12),
    ),
)
#: Each says in its link which it is.
PRESETS = tuple(
    one._replace(
        play=one.play._replace(lesson=at + 1), tried=None if one.tried is None else one.tried._replace(lesson=at + 1)
    )
    for at, one in enumerate(_DRAFT)
)


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
            "tried": "" if one.tried is None else as_text(one.tried),
            "restarts": one.restarts,
        }
        for one in PRESETS
    ]
