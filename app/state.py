"""What the pages share: cached models and arrays, the choice of a model, what models say of images.

A model is loaded once for all sessions and only read. Choices live in the URL, so a link reopens a view.
"""

import math
from collections import Counter
from typing import NamedTuple

import numpy as np
import streamlit as st

import ibinn_core as ib
from app.clicks import selected_data
from app.figures.palette import CLASSES, KIND_COLORS, model_colors
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.kinds import KINDS

DIMS = 3072
ALONG_THE_WAY = ("gamma-0.02", "gamma-1", "gamma-35.65", "only-ly")  # from generative to discriminative
GAMMA = (
    "γ weighs two aims of the training: a good likelihood (L_X) and the right class (L_Y); the loss is "
    "2 / (1 + γ) · (L_X / 3072 - γ L_Y). Small γ: a generative model that also classifies. Large γ: a classifier that "
    "also generates."
)


# Checkpoints ------------------------------------------------------------------------------------------


def scan() -> tuple[list[Checkpoint], list[registry.Refusal]]:
    """Checkpoints that every page can show, and refused ones; read anew when a folder changes.

    Most pages are about latents and likelihoods: what has none, such as a ResNet, is in :func:`everyone` only.
    """
    readable, refused = _all()
    return [c for c in readable if c.has_latents and c.has_likelihood], refused


def everyone() -> list[Checkpoint]:
    """All readable checkpoints, which have a posterior in common."""
    return _all()[0]


def without_likelihood() -> list[Checkpoint]:
    """The purely discriminative ones: they have a posterior and no likelihood."""
    return [c for c in everyone() if not c.has_likelihood]


def _all() -> tuple[list[Checkpoint], list[registry.Refusal]]:
    folder = registry.default_folder()
    files = sorted(folder.glob("*/*.json")) + sorted(folder.glob("*/*.safetensors")) if folder.is_dir() else []
    return _scan(str(folder), tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files))


@st.cache_resource(max_entries=4, show_spinner=False)
def _scan(folder: str, stamp: tuple) -> tuple[list[Checkpoint], list[registry.Refusal]]:
    # What was computed from checkpoints that have changed is out of date.
    st.cache_data.clear()
    model.clear()
    return registry.scan(folder)


def show_refused() -> None:
    """A quiet line for each checkpoint that cannot be used."""
    for refusal in scan()[1]:
        st.warning(refusal.reason, icon=":material/block:")


def by_id(checkpoint_id: str) -> Checkpoint:
    """The readable checkpoint with this id."""
    return next(c for c in everyone() if c.id == checkpoint_id)


@st.cache_resource(show_spinner="Loading the model …")
def model(checkpoint_id: str):
    """The loaded model, one for all sessions; nothing may change it."""
    return ib.load(by_id(checkpoint_id)).requires_grad_(False)  # no page trains, and without it everything is faster


def name_of(checkpoint: Checkpoint) -> str:
    """What a person calls a model; how it was trained belongs to it only where that is unusual."""
    return _kind_of(checkpoint) + ("" if checkpoint.noise == "uniform" else f", σ = {checkpoint.noise:g}")


def _kind_of(checkpoint: Checkpoint) -> str:
    if not checkpoint.has_likelihood:
        kind = KINDS[checkpoint.model].name.split(" ", 1)[1]  # without its article
        return kind if checkpoint.gamma is None else f"{kind}, γ = {checkpoint.gamma:g}"
    if checkpoint.gamma is None:
        return {"class-nll": "class-NLL", "class-nll-regularized": "class-NLL, fixed μ"}[checkpoint.objective]
    if checkpoint.gamma == 0:
        return "only L_X"
    return "only L_Y" if math.isinf(checkpoint.gamma) else f"γ = {checkpoint.gamma:g}"


def names() -> dict[str, str]:
    """What a person calls each model that every page can show, by its id.

    For the labels of a widget: Streamlit asks for each several times, and :func:`by_id` looks into the folder. It
    also takes two with the same label for one, so that models of one name have their ids behind it.
    """
    return labels_of(scan()[0])


def labels_of(checkpoints: list[Checkpoint]) -> dict[str, str]:
    """A label of its own for each of some models, by its id."""
    named = {c.id: name_of(c) for c in checkpoints}
    often = [name for name, count in Counter(named.values()).items() if count > 1]
    return {id: f"{name} ({id})" if name in often else name for id, name in named.items()}


def colors_of(checkpoints: list[Checkpoint]) -> list[str]:
    """A model's colour where several are drawn: the same whichever others are; its kind's outside the γ family."""
    family = [c.id for c in scan()[0] if c.gamma is not None]
    colors = dict(zip(family, model_colors(len(family)), strict=True))
    return [colors.get(c.id) or KIND_COLORS[c.objective if c.has_likelihood else c.model] for c in checkpoints]


def pick_model(label: str = "Model") -> Checkpoint:
    """One checkpoint, chosen in a row of buttons; shared by all pages through ``?model=``."""
    options = _available()
    default = "gamma-1" if "gamma-1" in options else options[0]
    take_from_url("model", lambda text: text if text in options else default, default)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=names().__getitem__,
        key="model",
        persist_state="session",
        help=GAMMA,
        wrap=True,
    )
    put_into_url("model", chosen, default)
    return by_id(chosen)


def pick_models(label: str = "Models", default: list[str] | None = None) -> list[Checkpoint]:
    """Several checkpoints, in the order of γ; shared by all pages through ``?models=``.

    Arguments:
        label: what they are chosen for.
        default: ids that a page begins with, unless a person chose others before; else :data:`ALONG_THE_WAY`.
    """
    options = _available()
    default = default or _along_the_way()
    previous = st.session_state.get("models-default")
    if previous not in (None, default) and set(st.session_state.get("models") or ()) == set(previous):
        st.session_state["models"] = default  # another page's default, which nobody chose
    st.session_state["models-default"] = default
    take_from_url("models", lambda text: [i for i in text.split(",") if i in options] or default, default)
    chosen = st.pills(
        label,
        options,
        selection_mode="multi",
        format_func=names().__getitem__,
        key="models",
        persist_state="session",
        help="Those that the page compares. " + GAMMA,
        wrap=True,
    )
    if not chosen:
        st.info("Choose at least one model.", icon=":material/touch_app:")
        st.stop()
    picked = [i for i in options if i in chosen]
    put_into_url("models", ",".join(picked), ",".join(default))
    return [by_id(i) for i in picked]


def pick_beside() -> list[Checkpoint]:
    """Classifiers without a likelihood to stand beside the others; shared by all pages through ``?beside=``."""
    named = labels_of(without_likelihood())
    if not named:
        return []
    options, default = list(named), _beside_by_default(named)
    take_from_url("beside", lambda text: [i for i in text.split(",") if i in options], default)
    st.session_state["beside"] = [i for i in st.session_state["beside"] or () if i in options]
    picked = st.pills(
        "Beside them, purely discriminative",
        options,
        selection_mode="multi",
        format_func=named.__getitem__,
        key="beside",
        persist_state="session",
        help="Classifiers that give a posterior, but no likelihood: no Bayes' rule.",
        wrap=True,
    )
    picked = [i for i in options if i in picked]
    put_into_url("beside", ",".join(picked), ",".join(default))
    return [by_id(i) for i in picked]


def beside() -> list[Checkpoint]:
    """What :func:`pick_beside` would give, on a page that does not show it."""
    those = {c.id: c for c in without_likelihood()}
    return [those[i] for i in st.session_state.get("beside", _beside_by_default(those)) if i in those]


def _beside_by_default(ids) -> list[str]:
    return ["resnet"] if "resnet" in ids else []


def add_to_compared(checkpoint: Checkpoint) -> None:
    """Adds a model to those that other pages compare, in the place of the one that was added so before."""
    key = "models" if checkpoint.has_likelihood else "beside"
    default = _along_the_way() if checkpoint.has_likelihood else [c.id for c in beside()]
    others = [i for i in st.session_state.get(key, default) if i != st.session_state.get(f"{key}-added")]
    if checkpoint.id not in others:
        st.session_state[f"{key}-added"] = checkpoint.id
        others.append(checkpoint.id)
    st.session_state[key] = others


def chosen_point(latent: dict[str, np.ndarray], chart: str, clicked: int | None) -> int | None:
    """The row of the test image that a person clicked last, in whatever chart; kept in the URL as ``?point=``.

    Arguments:
        latent: the arrays of the model that is shown.
        chart: key of the chart that is shown; it remembers its own last click, which may be an old one.
        clicked: the row that is selected there.
    """
    take_from_url("point", str, "")
    if clicked is not None and st.session_state.get(f"{chart}-seen") != clicked:
        st.session_state["point"] = f"{latent['hashes'][clicked]:016x}"
    st.session_state[f"{chart}-seen"] = clicked  # also nothing: what is clicked again then counts again
    put_into_url("point", st.session_state["point"], "")
    try:
        rows = np.flatnonzero(latent["hashes"] == np.uint64(int(st.session_state["point"], 16)))
    except (ValueError, OverflowError):
        return None
    return int(rows[0]) if len(rows) else None


def clicked_id(key: str, seen: str) -> str | None:
    """The id of the model whose dot was clicked on a chart, once for each click.

    Arguments:
        key: of the chart; its dots carry the ids as ``customdata``.
        seen: where the last click is remembered.
    """
    chosen = next(iter(selected_data(st.session_state.get(key))), None)
    is_new = chosen and st.session_state.get(seen) != chosen
    st.session_state[seen] = chosen
    return chosen if is_new else None


def take_from_url(key: str, parse, default) -> None:
    """Sets a widget from the URL when a session begins. Streamlit's own binding would put labels there, not ids."""
    if key in st.session_state:
        # Streamlit forgets a widget's value when the page that showed it is left; a value that is set stays.
        st.session_state[key] = st.session_state[key]
    else:
        st.session_state[key] = parse(st.query_params[key]) if key in st.query_params else default


def put_into_url(key: str, value: str, default: str) -> None:
    """Keeps the URL in step with a widget, and short where the value is the default."""
    if value != default:
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]


def _along_the_way() -> list[str]:
    options = [c.id for c in scan()[0]]
    return [i for i in ALONG_THE_WAY if i in options] or options[:4]


def _available() -> list[str]:
    options = [c.id for c in scan()[0]]
    if not options:
        explain_no_checkpoint()
    return options


def explain_no_checkpoint() -> None:
    """Says what to do where there is no model, and ends the page."""
    st.error(
        f"No checkpoint is in {registry.default_folder()}: clone the whole repository, or train one with "
        "`python -m ibinn_core train`.",
        icon=":material/folder_off:",
    )
    st.stop()


def model_bar(checkpoint: Checkpoint) -> None:
    """The measured numbers of a model, in a line."""
    card = checkpoint.card
    likelihood = f"**{card['bits_per_dim']['mean']:.2f}** bits/dim" if checkpoint.has_likelihood else "no likelihood"
    st.markdown(
        f"**{name_of(checkpoint)}**: test error **{card['error']:.1%}** · {likelihood} · "
        f"calibration error (top label) **{card['calibration_top_label']:.1%}**",
        help=(
            f"Measured on {card['measured']['images']:,} test images. Bits/dim: mean of -log₂ q(x) a pixel value, "
            "lower is better. Calibration error: how far confidence in the most probable class is "
            f"from accuracy, in 15 bins. {training_of(checkpoint)}"
        ),
    )
    if not labels_known(checkpoint):
        st.caption(caveat(checkpoint))


def training_of(checkpoint: Checkpoint) -> str:
    """The whole budget of a model's weights, those of its ancestors included, in a sentence; empty if unknown."""
    steps = [*checkpoint.config["ancestry"], checkpoint.config["budget"]]
    if not all("epochs" in step for step in steps):
        return ""
    epochs, hours = sum(step["epochs"] for step in steps), sum(step["seconds"] for step in steps) / 3600
    return f"Trained for {epochs:.0f} epochs, {hours:.1f} hours in all."


def labels_known(checkpoint: Checkpoint) -> bool:
    """Whether the model was told any labels."""
    return checkpoint.gamma != 0


def caveat(checkpoint: Checkpoint) -> str:
    """What a person must know of a model at either limit, or nothing."""
    name = name_of(checkpoint)
    if checkpoint.gamma == 0:
        return (
            f"**{name}** was trained without labels: which of its Gaussians bears which class's name is chance, so its "
            "posterior means nothing. Only its typicality counts."
        )
    if checkpoint.gamma != math.inf:
        return ""
    shown = "Its bits/dim and its typicality are shown all the same."
    began = _began_as(checkpoint)
    if not began:
        return f"**{name}** learned to tell classes apart and nothing else: nothing trained this likelihood. {shown}"
    return (
        f"**{name}** learned to tell classes apart and nothing else, but began as {began}: its likelihood is what is "
        f"left from there, and nothing trains it any more. {shown}"
    )


def _began_as(checkpoint: Checkpoint) -> str:
    """What kind of model another one's training began with, in words; empty if that had no likelihood either."""
    before = checkpoint.config["ancestry"]
    if not before:
        return ""
    objective = before[-1].get("objective")
    if objective is None:
        return f"the model {before[-1]['checkpoint']}"
    if objective["gamma"] == "inf":
        return ""
    return "one of class-NLL" if objective["gamma"] is None else f"a model of γ = {objective['gamma']:g}"


# What models say of images ----------------------------------------------------------------------------


class Opinion(NamedTuple):
    """What a model says of 8-bit images; ``None`` for what its kind does not have.

    Attributes:
        latents: ``(N, D)``.
        bits: bits/dim at the pixel centres, ``(N,)``.
        posterior: ``(N, K)``.
    """

    latents: np.ndarray | None
    bits: np.ndarray | None
    posterior: np.ndarray


@st.cache_data(show_spinner=False, max_entries=128)
def opinion(checkpoint_id: str, images: np.ndarray) -> Opinion:
    """Latents, bits/dim and posterior of 8-bit images ``(N, 32, 32, 3)`` under a model."""
    import torch

    loaded = model(checkpoint_id)
    with torch.no_grad():
        seen = loaded.look(ib.to_unit(images))
    latents = seen["latents"].numpy() if "latents" in seen else None
    bits = None
    if "log_prob" in seen:
        bits = ib.bits_per_dim(seen["log_prob"].double(), DIMS, loaded.noise).numpy()
    return Opinion(latents, bits, seen["posterior"].numpy())


@st.cache_data(show_spinner=False, max_entries=256)
def class_log_likelihoods(checkpoint_id: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log q(x | y) of 8-bit images in nats, ``(N, K)``, and the prior q(y) of the model, ``(K,)``."""
    import torch

    loaded = model(checkpoint_id)
    with torch.no_grad():
        z, log_det = loaded(ib.to_unit(images))
        # What differs between the classes is small against what they share: added in double precision, it survives.
        shared = (loaded.mixture.log_base(z) + log_det).double()
        log_likelihood = loaded.mixture.scores(z).double() + shared[:, None]
        prior = loaded.mixture.log_weights.double().exp()
    return log_likelihood.numpy(), prior.numpy()


def top_classes(posterior: np.ndarray, count: int = 3) -> str:
    """The most probable classes of one image, for a hover text."""
    order = posterior.argsort()[::-1][:count]
    return "<br>".join(f"{CLASSES[k]} {posterior[k]:.0%}" for k in order)


def typical_bits(checkpoint: Checkpoint, level: float = 0.95) -> tuple[float, float]:
    """Lowest and highest bits/dim that pass the typicality test at ``level``."""
    reference = checkpoint.latent["reference"]
    threshold = ib.exploration.typicality_threshold(reference, level)
    mean = float(reference.mean(dtype=np.float64))
    low, high = (ib.bits_per_dim(mean + sign * threshold, DIMS, checkpoint.noise) for sign in (1, -1))
    return low, high
