"""Panels: a state that users set, the questions that follow from it, and figures of the answers."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.controls import controls_of, read_state, show_controls, write_state
from app.desk import Question
from app.figures.layout import BARE, TOOLS, Frames
from app.images.pad import Pad, show_pad
from app.latent_space.plane import Plane, show_plane
from app.models import asking, registry
from app.models.live import follow_live
from app.models.names import name_of
from app.models.pickers import pick_models
from app.moves.editor import MoveEditor, show_move_editor
from app.state import Value
from app.widgets.export_menu import csv_bytes, export_menu
from app.widgets.figure import show_figure
from app.widgets.open_on_page import show_image_menu
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, is_on_stage, show_stage_button, staged
from app.widgets.tiles import Tiles, show_tiles

#: Figures stand side by side if they fit. Wide figures and sentences take the whole width. Figures fill the height
#: that the window has left; on stage, the whole height.
STYLE = """
.st-key-stage-figure {
    display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, max(380px, 1px + 100% / NEXT)), 1fr));
    gap: 0.5rem 1rem;
}
.st-key-stage-figure > * { grid-column: 1 / -1; min-width: 0; width: auto !important; }
.st-key-stage-figure > :is(:has(> NARROW, > PLANE), NARROW, PLANE) { grid-column: auto; }
.st-key-stage-figure { --above: ABOVEpx !important; }
.st-key-stage-figure:has(.symbols) { --above: calc(ABOVEpx + 40px) !important; }
.st-key-stage-figure .figure {
    --height: clamp(300px, var(--screen, 100vh) - var(--above), min(var(--most, 620px), 100vw));
}
.st-key-stage-figure [class*="st-key-tall-"] .figure { --height: initial; }
@media (max-width: 640px) { .st-key-stage-figure NARROW .figure { --height: initial; } }
/* Each control is beside its name, in a line as high as a button. */
.st-key-panel-controls { align-items: center; gap: 0.375rem 1.5rem; }
.st-key-panel-controls :has(> «label») { display: flex; align-items: center; gap: 0.5rem; }
.st-key-panel-controls «label» { margin: 0; gap: 0.4rem; white-space: nowrap; }
.st-key-panel-controls «slider» > [role="group"] { width: 7.5rem; }
@media (min-width: WIDTHpx) { /* planes are to the left of their texts */
    .st-key-stage-figure:has(PLANE) {
        grid-template-rows: repeat(11, min-content) 1fr;
        grid-template-columns: repeat(PLANES, minmax(0, calc(var(--screen, 100vh) - var(--above)))) minmax(240px, 1fr);
        gap: 0 1.5rem;
    }
    .st-key-stage-figure:has(PLANE) > * { grid-column: -2 / -1; }
    PLANE { gap: 0; }
    .st-key-stage-figure > :is(:has(> PLANE), PLANE) { grid-area: 1 / auto / span 12 / auto; }
    .st-key-stage-figure:has(PLANE) .figure {
        --height: max(230px, var(--screen, 100vh) - var(--above) - 300px);
    }
}
"""
#: Heights in CSS pixels: page around the figures, slider, row of controls, sentence; on stage: page, sentence, player.
ABOVE, SLIDER, ROW, LINE = 148, 46, 46, 36
ABOVE_ON_STAGE, LINE_ON_STAGE, PLAYER = 100, 80, 70
#: Below a slider on stage, only the image controls remain.
PICTURES_ON_STAGE = """
.st-key-panel-controls > :not(:has([class*="-change"])) { display: none; }
"""


@dataclass(frozen=True)
class Plot:
    """A Plotly figure.

    Attributes:
        key: unique key on the page.
        alt: text for screen readers.
        picks: field of the state that a click sets to the point's ``customdata``.
        wide: whether the figure takes the width of the page.
        tall: whether the figure keeps its height and is not fitted to the window.
        narrowest: width in CSS pixels; in a narrower box, right panels go below the others, or the figure scrolls.
        live: for a figure that follows the γ slider: the slider's model, the kind of task and the task; see
            :func:`app.models.live.follow_live`.
        frames: frames of an animated figure.
        about: the axes' meaning, as in :func:`app.widgets.figure.show_figure`.
        bare: whether the figure has no toolbar.
    """

    key: str
    figure: go.Figure
    alt: str
    picks: str = ""
    wide: bool = False
    tall: bool = False
    narrowest: int = 0
    live: tuple[str, str, dict[str, Any]] | None = None
    frames: Frames | None = None
    about: str = ""
    bare: bool = False


@dataclass(frozen=True)
class Html:
    """A piece of HTML."""

    text: str


@dataclass(frozen=True)
class Carry:
    """A menu that opens an image, given by its token, on another page."""

    token: str
    key: str


Part = str | Html | Plot | Tiles | Pad | Plane | MoveEditor | Carry  # a string is a sentence in Markdown


@dataclass(frozen=True)
class View:
    """Figures and sentences that are drawn when the answers to the view's questions are there."""

    needs: Sequence[Question]
    draw: Callable[..., Part | Sequence[Part]]  # called with the answers in order
    film: str = ""  # if it changes, the old figures are removed at once, not when the new ones are ready
    on_stage: bool = True  # whether the stage, which does not scroll, shows the view


@dataclass(frozen=True)
class Panel:
    """One view of the models.

    Attributes:
        key: name in the URL and in exported files.
        title: title of the tab.
        words: a hint on what to look for.
        more: explanations, and further things to try.
        state: a dataclass with fields declared by :mod:`app.controls`.
        views: returns the views of a state.
        has_slider: whether the header has the γ slider.
        rows: number of rows that the controls take.
        moving: what a GIF shows, as in :func:`app.widgets.export_menu.export_menu`, or a function of the state that
            returns it; empty for no GIF.
        data_set: returns the key of the panel's fixed data set; ``None`` if it is missing.
    """

    key: str
    title: str
    words: str
    state: type
    views: Callable[[Any], Sequence[View]]
    more: str = ""
    has_slider: bool = False
    rows: int = 1
    moving: str | Callable[[Any], str] = ""
    data_set: Callable[[], str | None] | None = None


def show(panel: Panel, head: DeltaGenerator) -> None:
    """Shows a panel with its controls, export menu and stage button, and writes its state to the URL.

    Its icons stand next to the γ slider, or else in the page's ``head``.
    """
    row = st.container(horizontal=True, gap="small", key="header") if panel.has_slider else head
    left = row.container() if panel.has_slider else None
    icons = row.container(horizontal=True, width="content", gap="small", key="icons")
    with icons:
        show_stage_button("model" if panel.has_slider else "")
    if is_on_stage() and panel.has_slider:
        show_style(PICTURES_ON_STAGE)
    now = read_state(panel.state, _picked(panel, left, icons) if left else {})
    views = [(n, view) for n, view in enumerate(panel.views(now)) if view.on_stage or not is_on_stage()]
    asked = list({one.key: one for _, view in views for one in view.needs}.values())
    with asking.asked(asked) as answer:  # the questions are sent before the panel is drawn
        with st.container(horizontal=True, gap="small", key="panel-controls"):
            show_controls(now)
        place = st.container(key=FIGURE)
        parts = []
        for number, view in views:
            is_other = _ends_a_film(view)  # then the spinner replaces the figures; otherwise it is above them
            inner = place.empty() if is_other else place.container() if view.film else place
            with inner, st.spinner("Computing …", show_time=True):
                answers = [answer(one) for one in view.needs]
            drawn = _drawn(panel, now, number, view, answers)
            parts += drawn
            if is_other:
                inner = inner.container()
            if view.film:
                inner.empty()  # the next spinner's container, which takes no space
            with inner:
                for part in drawn:
                    show_part(part)
        with icons:
            moving = panel.moving(now) if callable(panel.moving) else panel.moving
            chart = FIGURE if any(isinstance(part, Plot | Tiles | Plane | MoveEditor) for part in parts) else ""
            models = getattr(now, "models", [now.model]) if panel.has_slider else []
            title = ", ".join([panel.title, *(name_of(registry.by_id(model)) for model in models)])
            show_export(panel.key, title, asked, moving, chart)
    is_beside = any(isinstance(part, Plane) and part.beside for part in parts)
    sentences = 0 if is_beside else sum(isinstance(part, str) for part in parts)
    sentences += any(isinstance(part, Plane) and part.heading for part in parts)
    above = ABOVE + ROW * (panel.rows - 1) + SLIDER * panel.has_slider + LINE * sentences
    if is_on_stage():
        above = ABOVE_ON_STAGE + LINE_ON_STAGE * sentences
        values = dataclasses.asdict(now)
        has_pictures = any(one.is_picture and one.is_shown(values) for one in controls_of(panel.state).values())
        above += ROW * has_pictures + PLAYER * any(isinstance(part, Plot) and part.frames is not None for part in parts)
    show_grid(above, sum(isinstance(part, Plane) for part in parts))
    write_state(now)
    if not is_on_stage() and any(not isinstance(part, str) for part in parts):  # not beside a missing table
        if panel.more:
            st.markdown(f"##### What to look for\n{panel.words}")
            with st.expander("More to try, and why"):
                st.markdown(panel.more)
        else:
            st.caption(panel.words)


def show_grid(above: int, planes: int = 1) -> None:
    """Lays out the parts in the container of the figures, with ``above`` CSS pixels of other content on the page.

    Each row has at most as many parts as there are ``planes``, but at least two.
    """
    sizes = {"ABOVE": above, "WIDTH": 300 + 341 * planes, "PLANES": planes, "NEXT": max(3, planes + 1)}
    style = STYLE
    for word, text in {**sizes, "PLANE": '[class*="st-key-plane-"]', "NARROW": '[class*="st-key-narrow-"]'}.items():
        style = style.replace(word, str(text))
    show_style(style)


def _picked(panel: Panel, left: DeltaGenerator, icons: DeltaGenerator) -> dict[str, Any]:
    """Returns the slider's model, and the models to compare."""
    picked = pick_models(left, icons, "models" in controls_of(panel.state))
    ids = [checkpoint.id for checkpoint in picked.models]
    return {"model": picked.focus.id, "models": ids, "beside": [checkpoint.id for checkpoint in picked.others]}


def recipe(questions: Iterable[Question], tables: Iterable[Question] = ()) -> str:
    """Writes a program that computes the answers to some questions, in order, and prints those in ``tables``."""
    every: dict[str, Question] = {}

    def collect(one: Question) -> None:
        for part in one.arguments:
            if isinstance(part, Question):
                collect(part)
        every.setdefault(one.key, one)

    for one in questions:
        collect(one)
    names = {key: f"answer_{number}" for number, key in enumerate(every, 1)}
    functions = {one.function for one in every.values()}
    imports = sorted(f"from ibinn_explorer.{one.__module__} import {one.__name__}" for one in functions)
    needs = "# Install the library first: pip install -e . in a clone, or pip install ibinn_explorer-*.whl"
    calls = [f"{names[key]} = {_call(one, names)}" for key, one in every.items()]
    prints = [f"print({names[one.key]}.table().to_string(max_rows=20))" for one in tables]
    return "\n".join([needs, *imports, "", *calls, *prints])


def _call(one: Question, names: Mapping[str, str]) -> str:
    """Writes the call that answers a question; ``names`` has the variables of the answers that the call uses."""
    texts = [names[part.key] if isinstance(part, Question) else repr(part) for part in one.arguments]
    parameters = inspect.signature(one.function).parameters.values()
    if not any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        texts = [f"{parameter.name}={text}" for parameter, text in zip(parameters, texts, strict=False)]
    return f"{one.function.__name__}({', '.join(texts)})"


def show_export(name: str, title: str, asked: Sequence[Question], moving: str = "", chart: str = FIGURE) -> None:
    """Shows a menu that saves the page's figures, the tables of answers, and the program that computes the answers.

    Arguments:
        name: name of the files.
        title: title above the figures.
        asked: the questions of the page.
        moving: as in :func:`app.widgets.export_menu.export_menu`.
        chart: as in :func:`app.widgets.export_menu.export_menu`.
    """
    tables = [one for one, answer in zip(asked, asking.ask_all(asked), strict=True) if hasattr(answer, "table")]

    def csv() -> bytes:
        return csv_bytes(*map(columns_of, tables, asking.ask_all(tables)))

    python = recipe(asked, tables) if tables else None
    export_menu(name, python=python, chart=chart, title=title, csv=csv if tables else None, moving=moving)


def columns_of(asked: Question, answer: Any) -> dict[str, Any]:
    """The columns of an answer's table, and the plain arguments of the calls within its question.

    A column such as ``walk.first.token`` names the call and the arguments that lead to the value.
    """
    table = answer.table()
    found = {str(name): table[name] for name in table}

    def add(one: Question, name: str) -> None:
        for parameter, value in zip(inspect.signature(one.function).parameters, one.arguments, strict=False):
            if isinstance(value, Question):
                add(value, f"{name}.{parameter}")
            else:
                found[f"{name}.{parameter}"] = value

    for part in asked.arguments:
        if isinstance(part, Question):
            add(part, part.function.__name__)
    return found


def _ends_a_film(view: View) -> bool:
    """Checks whether this view has another animation than the last one, and stores its name."""
    if not view.film:
        return False
    before = state.get(state.FILM)
    state.put(state.FILM, view.film)
    return before != view.film


def _drawn(panel: Panel, now: Any, number: int, view: View, answers: list[Any]) -> Sequence[Part]:
    """Returns the parts of a view, drawn once for everybody with the same view."""
    asked = tuple(one.key for one in view.needs)
    shown = joblib.hash((panel.key, number, dataclasses.astuple(now), asked, is_on_stage()))

    def draw() -> Sequence[Part]:
        parts = view.draw(*answers)
        return [parts] if isinstance(parts, Part) else list(parts)

    return asking.DESK.keep((shown, asking.version()), draw)  # the version is too long to hash in every run


def show_part(part: Part) -> None:
    """Shows a part of a page at this point."""
    if isinstance(part, str):
        st.markdown(part)
    elif isinstance(part, Html):
        st.html(part.text)
    elif isinstance(part, Carry):
        show_image_menu(part.token, part.key)
    elif isinstance(part, MoveEditor):
        with st.container(key=f"wide-{part.key}"):
            show_move_editor(part)
    elif isinstance(part, Plane):
        with st.container(key=f"{'plane' if part.beside else 'narrow'}-{part.key}"):
            show_plane(part)
        _follow(part)
    else:
        is_tall = isinstance(part, Plot) and part.tall and not is_on_stage()
        kind = "tall" if is_tall else "narrow" if isinstance(part, Pad) or not part.wide else "wide"
        with st.container(key=f"{kind}-{part.key}"):
            show_pad(part) if isinstance(part, Pad) else _show_figure(part)


def _show_figure(part: Plot | Tiles) -> None:
    def pick(picked: Sequence[Any]) -> None:
        """Stores the choice; a second click on the same point clears it."""
        for one in picked[:1]:
            field = Value(part.picks, "")
            state.put(field, "" if state.get(field) == str(one) else str(one))

    if isinstance(part, Tiles):
        show_tiles(part, pick)
    else:
        show_figure(
            staged(part.figure),
            part.key,
            alt=part.alt,
            config=BARE if part.bare else TOOLS,
            on_pick=pick if part.picks else None,
            narrowest=part.narrowest,
            gamma=registry.by_id(part.live[0]).gamma if part.live else None,
            frames=part.frames,
            about=part.about,
        )
    _follow(part)


def _follow(part: Plot | Tiles | Plane) -> None:
    if part.live:
        model, kind, task = part.live
        follow_live(part.key, registry.by_id(model), kind, task)
