"""Lessons of the playground: each a link, two sentences, and something to try."""

from typing import Any, NamedTuple

from app import state
from app.widgets.share import link_of


class Preset(NamedTuple):
    """A lesson.

    Attributes:
        name: of it.
        words: two sentences.
        task: what to try, as a sentence after "Try:".
        play: what is trained, as a link has it: :mod:`app.play_text`.
        tried: what the task makes of it, for a button that does it; empty if that takes a hand.
        restarts: whether the network begins anew for it.
    """

    name: str
    words: str
    task: str
    play: str
    tried: str = ""
    restarts: bool = True

    @property
    def query(self) -> dict[str, str]:
        """What its link says."""
        return {state.PLAY.name: self.play}


#: Their numbers are of held-out points, measured by what a browser trains from these links
#: (tests/browser/test_playground_lessons.py).
PRESETS = (
    Preset(
        "Generative",
        "With γ = 0.1 the loss asks above all how likely the points are: after 1,000 steps L_X is about 1.1, and the "
        "samples (×) lie where the points do. The classes count less: about 24 % of the points are taken for another "
        "class.",
        "slide γ to 10, press Reset, then Play: after 1,000 steps only about 19 % are, but L_X is about 1.25, which is "
        "worse.",
        "moons~classes:5~noise:0.2~lesson:1~a:ib:0.1",
        "moons~classes:5~noise:0.2~lesson:1~a:ib:10",
    ),
    Preset(
        "Discriminative",
        "With γ = ∞ only the classes count: no point is taken for the other class, but the points end far outside of "
        "their Gaussians. The loss does not ask how likely the points are: L_X rises to about 14, and most samples (×) "
        "lie beside the moons.",
        "then slide γ to 1: a quarter of the points are misjudged for a moment; 200 steps later hardly any is, and the "
        "samples lie on the moons.",
        "moons~seed:1~lesson:2~a:ib:inf",
        "moons~seed:1~lesson:2",
        restarts=False,
    ),
    Preset(
        "Class-NLL of CIFAR-10",
        "Class-NLL is this loss with γ = 1/dim: 1/3072 for the images of CIFAR-10, as in model B. Labels hardly count "
        "then: B misjudges about three points of four, like a guess, after 4,000 steps too.",
        "press Reset, slide B to the mark at 0.1, then Play: it learns the rings. So does class-NLL here, where γ is "
        "1/2.",
        "circles~classes:4~lesson:3~b:ib:0.0003255",
        "circles~classes:4~lesson:3~b:ib:0.1",
    ),
    Preset(
        "An outlier far away",
        "The star lies where no point is, and the posterior is sure of its class all the same: it only compares "
        "classes. The density tells it from the data: every point is likelier.",
        "click on other empty places: the posterior is sure nearly everywhere, and nearly every point is likelier.",
        "moons~lesson:4~at:2.6:2.2",
    ),
    Preset(
        "A hole in the data",
        "The outer ring has a hole, in which the inner ring lies; but in latent space each class has half of the "
        "plane, and the flow is continuous and invertible. So the outer class's region is open somewhere, and the "
        "inner one's leaves the hole through that gap.",
        "set classes to 3, and look for the way out of each inner ring.",
        "circles~seed:1~couplings:4~lesson:5~a:ib:0.1",
        "circles~classes:3~seed:1~couplings:4~lesson:5~a:ib:0.1",
    ),
    Preset(
        "Too few couplings",
        "With two couplings the flow cannot wind the plane as often as the arms do: after 1,000 steps about 36 % of "
        "the points are misjudged. To train on helps little: after 8,000 steps about 32 % still are.",
        "set couplings to 12: the same points, and after 250 steps hardly any error is left.",
        "spiral~classes:3~noise:0.05~couplings:2~lesson:6",
        "spiral~classes:3~noise:0.05~couplings:12~lesson:6",
    ),
)


def named(name: str) -> Preset:
    """The lesson of that name; ``StopIteration`` if there is none."""
    return next(one for one in PRESETS if one.name == name)


def as_data() -> list[dict[str, Any]]:
    """What the element gets."""
    return [
        {**one._asdict(), "address": link_of("", {name: [text] for name, text in one.query.items()})} for one in PRESETS
    ]
