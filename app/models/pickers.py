"""The choice of one or several models, which the URL holds, so that a link reopens a page as it was."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import state
from app.inference.models import is_continuous
from app.models import registry
from app.models.faults import say_missing
from app.models.gamma_slider import gamma_slider
from app.models.names import name_of, unique_names
from app.models.summary import model_bar
from app.state import Value
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint, folders
from ibinn_core.weight_space import Family

GAMMA = (
    "γ weighs two aims of the training. $L_X$ = -log q(x) must be small (a good likelihood), $L_Y$ = log q(y | x) "
    "large (the right class); the loss is 2 / (1 + γ) · ($L_X$ / {dims} - γ $L_Y$). Small γ: a generative model that "
    "also classifies. Large γ: a good classifier with a poor likelihood and poor samples. Class-NLL, the usual loss of "
    "a conditional flow, gives the classes the weight of γ = 1/{dims}."
)


class Picked(NamedTuple):
    """The models that a page shows."""

    focus: Checkpoint  # the slider's model
    models: list[Checkpoint]  # the slider's model and those compared with it, by γ; models without γ come last
    others: list[Checkpoint]  # purely discriminative models to compare


def pick_models(left: DeltaGenerator, icons: DeltaGenerator, compares: bool) -> Picked:
    """Shows the choice of the slider's model in ``left``, and of compared models in ``icons`` if the page compares."""
    trained = _available()
    with icons:
        drawer = st.popover("Models", icon=":material/tune:", help="Compare models, and see details.")
    with drawer:
        compared = _compare(trained) if compares else []
        others = _beside()
    focus = _focus(trained, left, drawer)
    with drawer:
        model_bar(focus)
    compared = [c for c in compared if c.id != focus.id]
    models = [focus, *(c for c in trained if c in compared)]
    return Picked(focus, sorted(models, key=lambda c: (c.gamma is None, c.gamma or 0.0)), others)


# The slider's model -------------------------------------------------------------------------------------


def _focus(trained: list[Checkpoint], left: DeltaGenerator, drawer: DeltaGenerator) -> Checkpoint:
    """The model at the slider's position, or a model outside the slider that the user chose in the drawer."""
    default = registry.first_among(trained).id
    asked = state.in_url(state.MODELS) or []  # the page shows the first of these unless the link names another model
    first = next((i for i in asked if _is_choice(i, trained)), default)
    if not _is_choice(state.in_url(state.MODEL) or first, trained):
        say_missing("a model", markdown_text(name_of(registry.by_id(first))))
    state.begin(state.MODEL, first, lambda id: id if _is_choice(id, trained) else None)
    family = registry.weight_space(trained)
    with left:
        if family is None:
            _pick_of_few(trained)
        else:
            on_slider = {member.id for member in family.members}
            off = [c for c in trained if c.id not in on_slider]
            with drawer:
                _pick_off_slider(off, default)
            _show_slider(family, {c.id: c for c in off}.get(state.get(state.MODEL)))
    state.link(state.MODEL, state.get(state.MODEL), first)
    return registry.by_id(state.get(state.MODEL))


def _is_choice(text: str, trained: list[Checkpoint]) -> bool:
    """Whether an id names one of the trained models, or a mixed model of the same data set."""
    if any(c.id == text for c in trained):
        return True
    mixed = registry.mixed(text)
    return mixed is not None and mixed.dataset.name == trained[0].dataset.name


def _show_slider(family: Family, off: Checkpoint | None) -> None:
    gamma = registry.by_id(state.get(state.MODEL)).gamma if off is None else state.get(state.SLIDER)
    gamma = min(max(gamma or 0.0, family.gammas[0]), family.gammas[-1])
    state.put(state.SLIDER, gamma)
    gamma_slider(
        family,
        gamma,
        "model-slider",
        lambda chosen: state.put(state.MODEL, registry.place(family, chosen).id),
        only_ticks=not is_continuous(family),
        off=off,
    )


def _pick_off_slider(off: list[Checkpoint], default: str) -> None:
    """Shows the models that are not on the slider."""
    if not off:
        return
    names = unique_names(off)
    state.put(state.OFF_SLIDER, state.get(state.MODEL) if state.get(state.MODEL) in names else None)
    st.pills(
        "Models outside the slider",
        list(names),
        format_func=lambda one: markdown_text(names[one]),
        **state.bound(state.OFF_SLIDER),
        on_change=lambda: state.put(state.MODEL, state.get(state.OFF_SLIDER) or default),
        help="Models without a γ, or with a separate training.",
        wrap=True,
    )


def _pick_of_few(trained: list[Checkpoint]) -> None:
    """Shows a row of buttons, if there are too few models for a slider."""
    names = unique_names(trained)
    st.segmented_control(
        "Model",
        list(names),
        required=True,
        format_func=lambda one: markdown_text(names[one]),
        **state.bound(state.MODEL),
        help=GAMMA.format(dims=trained[0].dataset.dims),
        wrap=True,
    )


# The compared models ------------------------------------------------------------------------------------


def _compare(trained: list[Checkpoint]) -> list[Checkpoint]:
    """The trained models that the page compares with the slider's model, in the order of the choice."""
    names, explanation = unique_names(trained), GAMMA.format(dims=trained[0].dataset.dims)
    chosen = _several("Compare with", names, state.MODELS, [], explanation)
    state.link(state.MODELS, chosen, [])  # in order: a link without ?model= opens with the first
    return [registry.by_id(i) for i in chosen]


def _beside() -> list[Checkpoint]:
    """The compared classifiers without a likelihood, which all pages share through ``?beside=``."""
    named = unique_names(registry.without_likelihood())
    if not named:
        return []
    default = registry.first_beside_of(named)
    explanation = "Classifiers that give a posterior, but no likelihood, and so do not use Bayes' rule."
    picked = _several("Also show purely discriminative models", named, state.BESIDE, default, explanation)
    picked = [i for i in named if i in picked]
    state.link(state.BESIDE, picked, default)
    return [registry.by_id(i) for i in picked]


def _several(
    label: str, names: Mapping[str, str], value: Value[list[str]], default: list[str], explanation: str
) -> list[str]:
    """Shows a choice of models with ``names``; returns the chosen ids in the order in which they were chosen."""
    state.begin(value, default, state.some_among(names))
    return st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=lambda id: markdown_text(names[id]),
        **state.bound(value),
        help=explanation,
        wrap=True,
    )


def _available() -> list[Checkpoint]:
    models = registry.with_likelihood()
    if not models:
        explain_no_checkpoint()
    return models


def explain_no_checkpoint() -> None:
    """Ends the page with a hint on what to do; called if no model has a likelihood."""
    if registry.all_checkpoints():
        name, title = registry.dataset().name, markdown_text(registry.dataset().title)
        st.error(
            f"No model of {title} here has a likelihood, which this page needs: train one with "
            f"`python -m ibinn_core train --data {name}`.",
            icon=":material/folder_off:",
        )
    else:
        st.error(
            f"No checkpoint is in {' or '.join(map(str, folders()))}: clone the whole repository, or train a model: "
            "`python -m ibinn_core train`.",
            icon=":material/folder_off:",
        )
    st.stop()
