"""The picture of the trade-off: on its own page, and on stage."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from app import state
from app.drawn import curve_figure
from app.figures.family_curve import FLOOR, HEIGHT, Level, Mark, percent, scale_of
from app.figures.following import Following
from app.figures.layout import config, height_style
from app.figures.text import symbols_html
from app.latent_space.following import curve_of
from app.models import registry
from app.models.names import name_of
from app.models.origin import origin
from app.models.pickers import pick_model
from app.models.registry import measured_curve
from app.table1.same_in_python import curve_program
from app.table1.shown import Shown
from app.tradeoff.choice import colors_by_id, ringed
from app.tradeoff.marks import key_of, levels_of, marks_of, paper_marks, places_of
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.following import follow_gamma
from app.widgets.markdown import show_what_to_look_for
from app.widgets.selectors import show_style
from app.widgets.stage import ABOVE, FIGURE, show_stage_button, staged
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Point

PROJECTOR, TALLEST = 720, 780  # CSS pixels: a window's height in which the curve has its own, and where it has its most
KEY_ON_STAGE = (
    f".st-key-{FIGURE} {{ --above: {ABOVE + 70}px; }} .st-key-{FIGURE} .symbols {{ font-size: 20px !important; }}"
)


def show_curve(shown: Shown) -> None:
    """The part of the page."""
    chosen = registry.by_id(ringed())
    curve, problem = measured_curve()
    picture, line = st.container(), st.container(horizontal=True, vertical_alignment="center")
    key = line.container(width="stretch")
    if shown.printed:
        line.toggle("The paper's models", **state.bound(state.PAPER), help="Open marks, of larger networks.")
    marks, levels = _marks(shown, shown.models, shown.names), levels_of(shown.models, shown.names)
    if not marks:
        st.info(
            "No model here has a likelihood to compare with its error: see the other tabs.",
            icon=":material/show_chart:",
        )
        return
    with picture:
        st.html(height_style("curve", PROJECTOR - HEIGHT, HEIGHT, TALLEST))
        figure = curve_figure(places_of(curve, shown.models, shown.names), marks, levels, chosen.id)
        _draw(figure, "curve", marks, levels)
    key.html(symbols_html(key_of(marks, bool(curve))))
    python = curve_program(registry.dataset().name, bool(curve))
    _show_chosen(chosen, shown.names[chosen.id], lambda: _csv(curve, marks, levels), python)
    across = " Lines across: models without a likelihood." if levels else ""
    st.caption(f"Click a mark to choose its model, which is then ringed.{across}")
    if problem:
        st.caption(problem)
    paper = ""
    if shown.printed:
        paper = (
            "Compare the direction with the paper's marks rather than the height: its networks are larger and trained "
            "for 450 epochs. Its bits/dim are drawn by the common definition, as ours are. "
        )
    show_what_to_look_for(
        "Follow the line from the top left to the bottom right (the paper's Fig. 6): the same network, with more and "
        "more weight on the classes. Where would *you* stop, and why is no model that has a likelihood in the corner "
        "at the bottom left?",
        f"{paper}A model in that corner would know both what images look like and what they show. Up to some γ the "
        "error falls fast and bits/dim hardly rise; beyond it each step costs more likelihood and gains less "
        "accuracy. The small dots were not trained: their weights are mixed from those of the two large marks beside "
        "them.",
    )


def show_on_stage(shown: Shown) -> None:
    """The picture alone, with the slider, whose thumb the ring follows along the curve."""
    focus = pick_model()
    models, names = _with(focus, shown.models), {focus.id: name_of(focus), **shown.names}
    curve, _ = measured_curve()
    marks, levels = _marks(shown, models, names), levels_of(models, names)
    st.html(height_style("curve", 0, 300, HEIGHT))
    show_style(KEY_ON_STAGE)
    with st.container(key=FIGURE):
        figure = curve_figure(places_of(curve, shown.models, names), marks, levels, focus.id)
        _draw(staged(figure), "curve", marks, levels, focus)
        st.html(symbols_html(key_of(marks, bool(curve))))


def _with(focus: Checkpoint, models: Sequence[Checkpoint]) -> list[Checkpoint]:
    """The models, and the chosen one if it is none of them: between trained ones there is a mark only while chosen."""
    if focus.id in [c.id for c in models]:
        return list(models)
    return sorted([*models, focus], key=lambda c: (c.gamma is None, c.gamma or 0))


def _marks(shown: Shown, models: Sequence[Checkpoint], names: dict[str, str]) -> list[Mark]:
    printed = paper_marks(shown.lines) if state.get(state.PAPER) else []
    return [*marks_of(models, names, colors_by_id(models)), *printed]


def _draw(
    figure: go.Figure, key: str, marks: Sequence[Mark], levels: Sequence[Level], focus: Checkpoint | None = None
) -> None:
    """The picture, in which a click chooses a model; its ring follows the slider if it has one, of ``focus``."""
    show_figure(
        figure,
        key,
        selects=("points",),
        config=config(),
        alt="Test error over bits/dim. "
        + "; ".join(f"{m.title} {percent(m.error)}, {m.bits:.2f} bits/dim" for m in marks)
        + "".join(f"; {level.title} {percent(level.error)}" for level in levels),
        gamma=focus.gamma if focus else None,
    )
    if focus and (family := curve_of(focus)):
        follow_gamma(key, ring_following(family.curve, marks))


def ring_following(curve: Sequence[Point], marks: Sequence[Mark]) -> Following:
    """The ring on its way along the measured places of a curve, in the picture with these marks."""
    scale = scale_of([*(place.bits_per_dim for place in curve), *(mark.bits for mark in marks)])
    x = np.array([[scale.shown(place.bits_per_dim)] for place in curve])
    return Following({"ring": {"x": x, "y": np.array([[max(place.error, FLOOR)] for place in curve])}}, {})


def _show_chosen(checkpoint: Checkpoint, name: str, csv: Callable[[], bytes], python: str) -> None:
    """The chosen model's numbers and the export: the only row below the picture."""
    bits = f", {checkpoint.card['bits_per_dim']['mean']:.2f} bits/dim" if checkpoint.has_likelihood else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{name}**: {percent(checkpoint.card['error'])} test error{bits}", width="content")
        offer("curve", python=python, chart="curve", title=checkpoint.dataset.title, csv=csv)
        with st.container(width=110):
            show_stage_button()


def _csv(curve: Sequence[Point], marks: Sequence[Mark], levels: Sequence[Level]) -> bytes:
    """A row for each mark, for each mixed model and for each line across."""
    mixed = [place for place in curve if place.share > 0]
    here, printed = ([mark for mark in marks if (mark.id is None) == flag] for flag in (False, True))
    shared = {"note": "", "data_set": registry.dataset().name}
    return csv_bytes(
        *(
            {
                "kind": kind,
                "id": [mark.id or "" for mark in some],
                "model": [mark.title for mark in some],
                "error": [mark.error for mark in some],
                "bits_per_dim": [mark.bits for mark in some],
                "gamma": ["" if mark.gamma is None else mark.gamma for mark in some],
                **shared,
                "note": [mark.note for mark in some],
            }
            for kind, some in (("trained", here), ("paper", printed))
        ),
        {
            "kind": "mixed",
            "id": "",
            "model": [f"γ = {gamma_text(place.gamma)}" for place in mixed],
            "error": [place.error for place in mixed],
            "bits_per_dim": [place.bits_per_dim for place in mixed],
            "gamma": [place.gamma for place in mixed],
            **shared,
        },
        {
            "kind": "without likelihood",
            "id": [level.id for level in levels],
            "model": [level.title for level in levels],
            "error": [level.error for level in levels],
            "bits_per_dim": "",
            "gamma": [origin(registry.by_id(level.id))["gamma"] for level in levels],
            **shared,
        },
    )
