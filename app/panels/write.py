"""The panel Write: a handwritten digit, and the models' answers at every move of the pen (Fig. 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.answer import Answer
from app.controls import Before, ComparedState, clicked
from app.desk import question
from app.figures.bayes import FLOOR
from app.figures.latent import frame_of
from app.images.handwriting import SIDE, from_text, written
from app.images.pad import Pad
from app.images.pictures import Picture
from app.inference.bits import typical_bits
from app.latent_space import clouds
from app.latent_space.plane import Plane
from app.models import registry
from app.models.live import as_picture
from app.models.names import name_of
from app.palette import class_colors
from app.panel import Html, Panel, Part, Plot, View
from app.panels import judge
from app.widgets.stage import is_on_stage

DOTS = 5000  # test images that are drawn; more would hide each other
#: Pad, Bayes' rule and plane are side by side, on a phone one below the other. The pad is last in the page, so that the
#: browser has the figures before it learns which digit they show.
STYLE = """<style>
.st-key-stage-figure > :has(> .st-key-narrow-pad) { order: -1; max-width: 26rem; }
.st-key-narrow-plane .plane-buttons { display: none; } /* the buttons would cover the star */
@media (min-width: 900px) {
    .st-key-stage-figure { grid-template-columns: minmax(270px, 1fr) minmax(0, 2.4fr) minmax(170px, 0.7fr) !important; }
    .st-key-stage-figure > :has(> .st-key-narrow-pad) { grid-area: 1 / 1; }
    .st-key-stage-figure > :has(> :is(.st-key-tall-bayes, .st-key-wide-bayes)) { grid-area: 1 / 2; }
    .st-key-stage-figure > :has(> .st-key-narrow-plane) { grid-area: 1 / 3; }
}
@media (max-width: 640px) { /* the pad stays visible */
    .st-key-stage-figure > :has(> .st-key-narrow-pad) { position: sticky; top: var(--bar); z-index: 2; }
}
STAGE</style>"""


#: On stage the plane is below the pad.
STAGE_STYLE = """
.st-key-stage-figure { grid-template-columns: calc(0.5 * var(--screen) - 8.25rem) minmax(0, 1fr) !important; }
.st-key-stage-figure > :has(> .st-key-narrow-plane) { grid-area: 2 / 1 !important; }
.st-key-stage-figure > :has(> .st-key-wide-bayes) { grid-area: 1 / 2 / span 2 !important; }
"""


def _strokes(said: str, before: Before) -> str | None:
    try:
        from_text(said)
    except ValueError:
        return None
    return said


@dataclass(frozen=True)
class State(ComparedState):
    """The written image."""

    strokes: str = clicked(_strokes)


def views(state: State) -> list[View]:
    """Bayes' rule, the digit's position in latent space, and the pad."""
    needs = judge.asked(state, question(written, state.strokes)) if state.strokes else judge.known_of(state)

    def draw(*found: Any) -> Sequence[Part]:
        if state.strokes:
            image = Picture(written(state.strokes)[0], "What you wrote", "", None)
            bayes = judge.bayes(state, image, found)
        else:
            image = Picture(np.zeros((SIDE, SIDE, 1), np.uint8), "Nothing is written yet", "", None)
            bayes = _blank(judge.bayes(state, image, [_no_answer(state.model), *found]))
        said = [] if is_on_stage() else judge.notes([state.model])
        return [bayes, _plane(state, image, found), *said, Pad("pad", state.strokes, "strokes")]

    return [View([], lambda: Html(STYLE.replace("STAGE", STAGE_STYLE if is_on_stage() else ""))), View(needs, draw)]


def _no_answer(model: str) -> Answer:
    """A placeholder until there is an image: arbitrary likelihoods, which stay hidden."""
    checkpoint = registry.by_id(model)
    count = len(checkpoint.classes)
    uniform = np.full(count, 1 / count)
    typical = typical_bits(checkpoint)
    return Answer(
        model,
        checkpoint.classes,
        uniform[None],
        log_likelihood=np.linspace(0, FLOOR, count)[None],
        prior=tuple(uniform.tolist()),
        bits=np.array([sum(typical) / 2]),
        typical=typical,
    )


def _blank(plot: Plot) -> Plot:
    """The figure without the parts that depend on an image, which the browser fills in."""
    figure: Any = plot.figure
    for trace in figure.data:
        kind = trace.uid.split("-")[0]
        if kind in ("likelihood", "joint", "posterior"):
            trace.update(x=np.zeros(len(trace.x)), text=None, hovertext=None, hoverinfo="skip", hovertemplate=None)
        elif kind == "shares":
            trace.text = None
        elif kind == "needle":
            trace.x = [None, None]
    for note in figure.layout.annotations:
        if note.name:
            note.text = f"{note.text.split('</b>')[0]}</b>" if note.name.startswith("heading") else ""
    for axis in figure.select_xaxes(lambda axis: axis.title.text is not None):
        axis.title.text = axis.title.text.split("<b>")[0]
    if plot.live:
        plot.live[2]["picture"]["pixels"] = ""
    return plot


def _plane(state: State, image: Picture, found: Sequence[Any]) -> Plane:
    """The plane with the written image among test images."""
    checkpoint = registry.by_id(state.model)
    everything, labels = clouds.cloud(checkpoint, "means"), checkpoint.latent["labels"].astype(int)
    latents = next((one.latents for one in found if isinstance(one, Answer) and one.model == state.model), None)
    task = {
        "picture": as_picture(checkpoint, image.pixels) | ({} if state.strokes else {"pixels": ""}),
        "anchors": clouds.anchors_of_plane(checkpoint).tolist(),
    }
    return Plane(
        "plane",
        f"{image.name}, among test images in the plane of the class means under {name_of(checkpoint)}.",
        checkpoint.id,
        everything.points[:DOTS],
        labels[:DOTS],
        checkpoint.classes,
        class_colors(len(checkpoint.classes)),
        frame_of(everything.points, everything.means),
        everything.means,
        star=None if latents is None else clouds.place(checkpoint, "means", latents)[0],
        trails=True,
        beside=False,
        live=(state.model, "star", task),
    )


PANEL = Panel(
    "write",
    "Write",
    "Write a 4, then close it at the top: where do the likelihoods of 4 and 9 cross? Write a W or a scribble: how sure "
    "is the model, and how typical are they?",
    State,
    views,
    "As you write, the model computes ten likelihoods, and Bayes' rule turns them into a posterior. The "
    "posterior always adds up to 100 %. It says which digit is more likely than the others, but not whether this is a "
    "digit at all. Column 4 can tell. An image is *out of distribution* if it is much less or much more likely than "
    "most images. Four in ten of MNIST's own test images of a 1 are too likely. The star is your image in the plane "
    "of the class means, and the line shows its path. Begin with a 3 and make it an 8. Do the same under "
    "another γ. A classifier without a likelihood answers when you lift the pen.",
    has_slider=True,
    data_set=registry.digits,
)
