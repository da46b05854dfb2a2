"""Which models the page Trade-off is about: the chosen one, and the one beside it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from app import state
from app.models import registry
from app.models.names import colors_of
from app.models.pickers import show_beside
from app.widgets.figure import take_picked
from app.widgets.selectors import show_style
from app.widgets.stage import FIGURE, show_stage_button
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.evaluation.results.columns import EVERY
from ibinn_core.weight_space import MixedCheckpoint


def take_choice(models: Sequence[Checkpoint]) -> tuple[str, str]:
    """Sets the chosen model and the two that are compared from the URL; returns these two's defaults."""
    options = [c.id for c in models]
    able = [c.id for c in registry.with_likelihood()]
    finite = [c.id for c in models if c.objective == "ib" and 0 < (c.gamma or 0) < math.inf] or options
    ends = [c.id for c in models if c.objective == "ib" and c.gamma == math.inf]
    first = registry.first_of(finite)
    second = next((i for i in (*ends, finite[-1], finite[0], *options) if i != first), first)
    asked = [state.get(state.MODEL), state.in_url(state.MODEL), state.in_url(state.LEFT)]
    if state.came_by_history():
        asked = asked[1:]
    chosen = next((i for i in map(_trained, asked) if i in able), None)
    if chosen is not None:
        state.put(state.MODEL, chosen)
    else:
        state.take(state.MODEL)  # it was removed
    if chosen is not None and chosen != (state.get(state.LEFT_FOLLOWS) or chosen):
        state.put(state.LEFT, chosen)  # chosen on another page since
    state.put(state.LEFT_FOLLOWS, chosen or first)
    state.begin(state.LEFT, chosen or first, state.among(options))
    state.begin(state.RIGHT, second, state.among(options))
    return first, second


def _trained(model: str | None) -> str | None:
    """The id of a model, or that of the trained one that has the larger share in a mixed one."""
    mixed = registry.mixed(model) if model else None
    if not isinstance(mixed, MixedCheckpoint):
        return model
    return mixed.point.right if mixed.point.share >= 0.5 else mixed.point.left


def ringed() -> str:
    """The model that figures ring: the one that is chosen on all pages, or here one that others cannot show."""
    left, model = state.get(state.LEFT), state.get(state.MODEL)
    return model if model and registry.by_id(left).has_likelihood else left


def take_click(names: Mapping[str, str]) -> None:
    """Chooses the model whose mark was clicked on one of the figures: here, and on all pages if they can show it."""
    for key in ("curve", *(f"panel-{measure.key}" for measure in EVERY)):
        for clicked in take_picked(key)[:1]:
            if clicked in names:
                state.put(state.LEFT, clicked)
                checkpoint = registry.by_id(clicked)
                _choose_on_all_pages(checkpoint)
                if not checkpoint.has_likelihood:
                    show_beside(checkpoint)


def _choose_on_all_pages(checkpoint: Checkpoint) -> None:
    if checkpoint.has_likelihood:  # which they need
        state.put(state.MODEL, checkpoint.id)
        state.put(state.LEFT_FOLLOWS, checkpoint.id)


def keep_choice(left_default: str, right_default: str) -> None:
    """Puts the choice into the URL; the chosen model is the left one, unless other pages cannot show that."""
    left = state.get(state.LEFT)
    state.link(state.MODEL, state.get(state.MODEL) or left, left)
    state.link(state.LEFT, left, left_default)
    state.link(state.RIGHT, state.get(state.RIGHT), right_default)


def pick_pair(names: Mapping[str, str]) -> list[Checkpoint]:
    """The two models that are compared: the chosen one, and another."""

    def follow() -> None:
        _choose_on_all_pages(registry.by_id(state.get(state.LEFT)))

    for value, label, changed in ((state.LEFT, "This model", follow), (state.RIGHT, "Beside it", None)):
        bound = state.bound(value)
        st.selectbox(label, list(names), format_func=names.__getitem__, **bound, on_change=changed, width=190)
    return chosen_pair()


def chosen_pair() -> list[Checkpoint]:
    """The two models that are compared, also where nobody can choose them, as on stage."""
    return [registry.by_id(state.get(value)) for value in (state.LEFT, state.RIGHT)]


@contextmanager
def row_on_stage(title: str, above: int) -> Iterator[None]:
    """What stands above a part on stage: a title in Markdown, what a caller puts beside it, and the stage's buttons.

    ``above`` is what the figures need above them, and for what is said below them, in CSS pixels.
    """
    show_style(f".st-key-{FIGURE} {{ --above: {above}px; }}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**", width="stretch")
        yield
        with st.container(width=110):
            show_stage_button(clicker="")


def offer_stage() -> None:
    """The button that puts a part on stage."""
    with st.container(width=130):
        show_stage_button(clicker="")


def colors_by_id(models: Sequence[Checkpoint]) -> dict[str, str]:
    """The colours of models, by id."""
    return dict(zip([c.id for c in models], colors_of(list(models)), strict=True))
