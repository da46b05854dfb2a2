"""The panel Walk: paths between two images through latent space (Fig. 9)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.answer import Answer, Images
from app.controls import ComparedState, number, picture, picture_of
from app.desk import Question, question
from app.figures.interpolation import bits_figure, key_of, posterior_figure
from app.figures.text import symbols_html
from app.images.pictures import Picture, pixels_of
from app.inference.computations import cross_fade, evaluate, walk
from app.models import registry
from app.models.live import packed
from app.models.names import colors_of, name_of
from app.models.summary import caveat_of
from app.palette import NEUTRAL
from app.panel import Html, Panel, Part, Plot, View
from app.widgets.stage import is_on_stage
from app.widgets.tiles import Tiles

CIRCLE, LINE, FADE = "great circle", "straight line", "cross-fade"
PATHS = {CIRCLE: "spherical", LINE: "linear"}
ROW_COLORS = {LINE: "#2f74c0", FADE: NEUTRAL}  # great circles have their model's colour
SEEN = 0.02  # a class with a smaller posterior along the path gets no name
#: On stage the images leave room for the curves.
STAGE_STYLE = """<style>
.st-key-stage-figure .tiles { --above: 430px !important; }
.st-key-stage-figure .figure { --height: 240px !important; }
</style>"""


@dataclass(frozen=True)
class State(ComparedState):
    """The two images, and the number of steps."""

    first: str = picture("From", "start")
    second: str = picture("To", "end")
    steps: int = number("Steps", 5, 15, 1, lambda before: 9, "Images along the path, both ends included.")


def views(state: State) -> list[View]:
    """The images on each path, then posterior and bits/dim along the paths."""
    first, second = picture_of(state.first), picture_of(state.second)
    rows = _rows(state)
    judges = [question(evaluate, model, asked) for _, model, asked in rows]
    judges += [question(evaluate, model, rows[0][2]) for model in state.beside]
    names = [name for name, _, _ in rows]

    def tiles(*found: Images) -> Part:
        titles = [f"{name}, {place:.0%} of the way" for name in names for place in np.linspace(0, 1, state.steps)]
        return Tiles(
            "walk",
            np.stack([one.shown for one in found]),
            titles,
            f"Images on the way from {first.name} to {second.name}, a row each for {', '.join(names)}.",
            rows=names,
            marks=[mark for one in found for mark in one.marks],
            largest=192,
            live=(state.model, "walks", _live(state, rows, first, second)),
        )

    def curves(*found: Answer) -> Sequence[Part]:
        return _curves(state, names, [model for _, model, _ in rows], found)

    return [View([asked for _, _, asked in rows], tiles), View(judges, curves)]


def _rows(state: State) -> list[tuple[str, str, Question[Images]]]:
    """Name, model and images of each row: great circles, a straight line of the slider's model, and a cross-fade."""
    ends = (question(pixels_of, state.data, state.first), question(pixels_of, state.data, state.second), state.steps)
    focus, is_alone = state.model, len(state.models) == 1
    rows = [
        (CIRCLE if is_alone else name_of(registry.by_id(model)), model, question(walk, model, *ends, PATHS[CIRCLE]))
        for model in state.models
    ]
    line = LINE if is_alone else f"{name_of(registry.by_id(focus))}, {LINE}"
    rows.append((line, focus, question(walk, focus, *ends, PATHS[LINE])))
    rows.append((FADE, focus, question(cross_fade, *ends)))
    return rows


def _live(state: State, rows: Sequence[tuple], first: Picture, second: Picture) -> dict[str, object]:
    """The task that lets the rows of the slider's model follow γ."""
    own = [row for row, (_, model, asked) in enumerate(rows) if model == state.model and asked.function is walk]
    checkpoint = registry.by_id(state.model)
    return {
        "columns": state.steps,
        "shape": checkpoint.dataset.image_shape,
        "ends": [packed(first.pixels), packed(second.pixels)],
        "noise": checkpoint.noise,
        "rows": [{"row": row, "path": path} for row, path in zip(own, PATHS.values(), strict=True)],
    }


def _curves(state: State, names: Sequence[str], models: Sequence[str], found: Sequence[Answer]) -> list[Part]:
    """Posterior and bits/dim along the paths; on stage, the posterior of the slider's model only."""
    share = np.linspace(0, 1, state.steps)
    checkpoints = [registry.by_id(model) for model in models]
    own = zip(names, colors_of(checkpoints), strict=True)
    colors = [next((c for path, c in ROW_COLORS.items() if name.endswith(path)), color) for name, color in own]
    median = [checkpoint.card["bits_per_dim"]["median"] for checkpoint in checkpoints]
    bits = np.stack([one.bits for one in found if one.bits is not None])
    lines = bits_figure(share, bits, names, colors, median)

    others = [name_of(registry.by_id(model)) for model in state.beside]
    rows = [state.models.index(state.model)] if is_on_stage() else range(len(found))
    every = np.stack([found[row].posterior for row in rows])
    titles = [[*names, *others][row].replace(", ", ",<br>") for row in rows]
    classes = found[0].classes
    areas = posterior_figure(share, every, titles, classes=classes)
    most = dict(zip(classes, every.max((0, 1)), strict=True))
    key = [(name, color, "square") for name, color in key_of(every, classes) if most.get(name, 1) >= SEEN]

    first: Sequence[Part] = list(filter(None, dict.fromkeys(map(caveat_of, checkpoints))))
    if is_on_stage():
        first = [Html(STAGE_STYLE)]
        for figure in (areas, lines):
            figure.update_layout(margin_r=28)  # there is no toolbar
    return [
        *first,
        Html(symbols_html(key)),
        Plot("posterior", areas, "Class probabilities along the paths, a row for each.", bare=is_on_stage()),
        Plot("bits", lines, "Bits per dimension along the paths, a line for each.", bare=is_on_stage()),
    ]


PANEL = Panel(
    "walk",
    "Walk",
    "Compare the middles of the rows. On a **great circle**, latents stay as far from zero as those of images. A "
    "**straight line** passes closer to zero, where no image lies. The **cross-fade** needs no "
    "model.",
    State,
    views,
    "Every row starts and ends with the same two images. Between them, all but the cross-fade are decoded latents. In "
    "the middle of the straight line the latents are shorter than those of any image: are such images more likely, or "
    "less? Every image is judged as you see it, clipped and in 8 bits. A classifier without a likelihood judges the "
    "images of the first row: does it ever hesitate between the two classes? Move the slider: under a small γ the "
    "great circle gives images, under a large γ it does not.",
    has_slider=True,
    moving="walk",
)
