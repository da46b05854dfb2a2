"""The panel Move: change an image in latent space, its class or everything except its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.answer import Answer
from app.controls import Before, ModelsState, clicked, picture, picture_of
from app.desk import question
from app.images.pictures import pixels_of
from app.inference.computations import evaluate, moved, stacked
from app.inference.directions import KINDS, fitting, kind_of, needs_another_image
from app.latent_space.questions import plane_axes
from app.models import registry
from app.models.in_browser import addresses_of
from app.models.summary import caveat_of
from app.move_text import as_text, from_text
from app.moves import rows
from app.moves.editor import MoveEditor, specification
from app.panel import Panel, Part, View
from app.widgets.markdown import markdown_text


def _moves(said: str, before: Before) -> str | None:
    """The moves of a link that apply to the model, as text; ``None`` if the link is invalid."""
    try:
        return as_text(fitting(from_text(said), registry.by_id(before["model"])))
    except ValueError:
        return None


def _needs_another(before: Mapping[str, Any]) -> bool:
    return needs_another_image(before["kind"], from_text(before["moves"]), registry.by_id(before["model"]))


@dataclass(frozen=True)
class State(ModelsState):
    """The image, its moves, and the shown kind of move."""

    image: str = picture("Image", "inspected")
    moves: str = clicked(_moves)
    kind: str = clicked(lambda said, before: said if said in KINDS else None)
    other: str = picture("Other image", "transplanted", _needs_another)


def views(state: State) -> list[View]:
    """The move editor, which computes in the browser, and the model's answer on the moved image."""
    checkpoint, moves = registry.by_id(state.model), from_text(state.moves)
    if (addresses := addresses_of(checkpoint)) is None:
        return [View([], lambda: "This page needs a model that runs in a browser: choose another model.")]
    chosen = picture_of(state.image)
    other = picture_of(state.other) if _needs_another(vars(state)) else None
    kind = state.kind or kind_of(moves, checkpoint)
    # Each data set has its own element, so that no element shows another data set.
    given = specification(checkpoint, addresses, chosen, moves, kind, other)
    editor = MoveEditor(f"moves-{state.data}", checkpoint, given)
    shown = [View([], lambda: editor)]
    first = question(pixels_of, state.data, state.image)
    second = question(pixels_of, state.data, state.other) if other else None
    models = rows.models_for(checkpoint) if KINDS[kind].shows == "rows" else [checkpoint]
    for one in sorted(models, key=lambda one: one is not checkpoint):
        image = question(stacked, first)
        if state.moves:
            said, axes = as_text(fitting(moves, one)), question(plane_axes, one.id)
            image = question(moved, one.id, first, said, axes, second)
        is_said = state.moves and one is checkpoint
        draw = _verdict if is_said else lambda answer: []  # other models and the unmoved image are for export only
        shown.append(View([question(evaluate, one.id, image)], draw, on_stage=False))
    if caveat := caveat_of(checkpoint):
        shown.append(View([], lambda: caveat, on_stage=False))
    return shown


def _verdict(answer: Answer) -> Sequence[Part]:
    """The model's answer on the moved image at the end of a drag; the picture is clipped and has 8 bits."""
    assert answer.bits is not None
    badge = answer.verdict().badge
    said = f"{markdown_text(answer.top(0))} {badge} {answer.bits[0]:.2f} bits/dim"
    return [f"The clipped picture, in 8 bits: {said}."]


PANEL = Panel(
    "move",
    "Move",
    "**Drag the star**, and the image follows. Colours show which class the model chooses at each place. **Press a "
    "class**, and the image goes just past the *flip*, where the model begins to choose that class. **Style** changes "
    "everything but the class. **Transplant** takes the class from one image and everything else from another.",
    State,
    views,
    "The posterior behind the star is exact: a move in the plane changes nothing else of the latent. The way to a "
    "class is the step from the centre of the image's class to that of the chosen class. ECINN moves in the same way "
    "(Hvilshøj et al. 2021). The flip is at the share α* of the way. Every score z·μ − ‖μ‖²/2 is linear in z, so a "
    "formula gives α*. A move that is orthogonal to all differences of the means changes no posterior. The bars show "
    "the posterior of the latent. Pixels cannot be darker than black or brighter than white. So a picture is clipped, "
    "and the model may assign it to another class. A picture far beyond white is scaled. The number on it or below it "
    "says how many times as bright as white it gets.",
    has_slider=True,
    moving="move",
)
