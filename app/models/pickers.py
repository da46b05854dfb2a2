"""The choice of one model or of several; it lives in the URL, so that a link reopens a page as it was."""

import streamlit as st

from app.models import registry
from app.models.names import names_by_id, unique_names
from app.models.posterior_only import chosen_posterior_only
from app.widgets.markdown import markdown_text
from app.widgets.url import put_into_url, take_from_url
from ibinn_core.checkpoint import Checkpoint, folders

GAMMA = (
    "γ weighs two aims of the training: a good likelihood (L_X) and the right class (L_Y); the loss is "
    "2 / (1 + γ) · (L_X / {dims} - γ L_Y). Small γ: a generative model that also classifies. Large γ: a classifier "
    "that also generates."
)


def pick_model(label: str = "Model", among: list[Checkpoint] | None = None, key: str = "model") -> Checkpoint:
    """One checkpoint, chosen in a row of buttons and kept in the URL; ``?model=`` is shared by all pages.

    Arguments:
        label: what it is chosen for.
        among: the models to choose from, at least one; those of the chosen data set that have a likelihood if ``None``.
        key: of the widget, and name of the URL's parameter.
    """
    options = _available() if among is None else [c.id for c in among]
    names = names_by_id() if among is None else unique_names(among)
    default = registry.first_of(options) if among is None else registry.first_among(among).id
    take_from_url(key, lambda text: text if text in options else default, default)
    if st.session_state[key] not in options:  # it was removed
        st.session_state[key] = default
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=lambda one: markdown_text(names[one]),
        key=key,
        persist_state="session",
        help=GAMMA.format(dims=registry.by_id(default).dataset.dims),
        wrap=True,
    )
    chosen = chosen or default
    put_into_url(key, chosen, default)
    return registry.by_id(chosen)


def pick_models(label: str = "Models", default: list[str] | None = None) -> list[Checkpoint]:
    """Several checkpoints, in the order of γ; shared by all pages through ``?models=``.

    Arguments:
        label: what they are chosen for.
        default: ids that a page begins with, unless a person chose others before; else
            :func:`app.models.registry.first_few_of`.
    """
    options = _available()
    default = default or registry.first_few_of(options)
    previous = st.session_state.get("models-default")
    if previous not in (None, default) and set(st.session_state.get("models") or ()) == set(previous):
        st.session_state["models"] = default  # another page's default, which nobody chose
    st.session_state["models-default"] = default
    take_from_url("models", lambda text: [i for i in text.split(",") if i in options] or default, default)
    kept = [i for i in st.session_state["models"] or () if i in options]
    st.session_state["models"] = kept if kept or not st.session_state["models"] else default
    names = names_by_id()
    chosen = st.pills(
        label,
        options,
        selection_mode="multi",
        format_func=lambda one: markdown_text(names[one]),
        key="models",
        persist_state="session",
        help="Those that the page compares. " + GAMMA.format(dims=registry.by_id(options[0]).dataset.dims),
        wrap=True,
    )
    if not chosen:
        st.info("Choose at least one model.", icon=":material/touch_app:")
        st.stop()
    picked = [i for i in options if i in chosen]
    put_into_url("models", ",".join(picked), ",".join(default))
    return [registry.by_id(i) for i in picked]


def add_to_compared(checkpoint: Checkpoint) -> None:
    """Adds a model to those that other pages compare, in the place of the one that was added so before."""
    key = "models" if checkpoint.has_likelihood else "beside"
    if checkpoint.has_likelihood:
        default = registry.first_few_of([c.id for c in registry.with_likelihood()])
    else:
        default = [c.id for c in chosen_posterior_only()]
    others = [i for i in st.session_state.get(key, default) if i != st.session_state.get(f"{key}-added")]
    if checkpoint.id not in others:
        st.session_state[f"{key}-added"] = checkpoint.id
        others.append(checkpoint.id)
    st.session_state[key] = others


def _available() -> list[str]:
    options = [c.id for c in registry.with_likelihood()]
    if not options:
        explain_no_checkpoint()
    return options


def explain_no_checkpoint() -> None:
    """Says what to do where there is no model, or none with a likelihood, and ends the page."""
    if registry.all_checkpoints():
        name, title = registry.dataset().name, markdown_text(registry.dataset().title)
        st.error(
            f"No model of {title} here has a likelihood, which this page needs: train one with "
            f"`python -m ibinn_core train --data {name}`.",
            icon=":material/folder_off:",
        )
    else:
        st.error(
            f"No checkpoint is in {' or '.join(map(str, folders()))}: clone the whole repository, or train one with "
            "`python -m ibinn_core train`.",
            icon=":material/folder_off:",
        )
    st.stop()
