"""The models' names and colours."""

from collections import Counter

from app.inference.slider import gamma_text
from app.models import registry
from app.palette import KIND_COLORS, model_color, model_colors
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.models.kinds import KINDS, OWN_FLOW
from ibinn_core.weight_space import MixedCheckpoint


def name_of(checkpoint: Checkpoint) -> str:
    """The name of a model; it mentions the noise of the training only if this noise is unusual."""
    return _kind_of(checkpoint) + ("" if checkpoint.noise == "uniform" else f", σ = {checkpoint.noise:g}")


def _kind_of(checkpoint: Checkpoint) -> str:
    if not checkpoint.has_likelihood:
        kind = KINDS[checkpoint.model].name.split(" ", 1)[1]  # without the article
        return kind if checkpoint.gamma is None else f"{kind}, γ = {gamma_text(checkpoint.gamma)}"
    if checkpoint.model == OWN_FLOW:
        return checkpoint.config["training"]["architecture"]["builder"]
    if checkpoint.gamma is None:
        return {"class-nll": "class-NLL", "class-nll-regularized": "class-NLL, fixed μ"}[checkpoint.objective]
    return f"γ = {gamma_text(checkpoint.gamma)}" + (", from scratch" if checkpoint.learned_only_classes else "")


def unique_names(checkpoints: list[Checkpoint]) -> dict[str, str]:
    """A unique label for each model, by id, without the name of the data set.

    Streamlit treats two options of a widget with the same label as one.
    """
    often = [name for name, count in Counter(map(name_of, checkpoints)).items() if count > 1]
    return {
        c.id: f"{name} ({c.id.removeprefix(c.dataset.id_prefix)})" if (name := name_of(c)) in often else name
        for c in checkpoints
    }


def is_on_the_way(checkpoint: Checkpoint) -> bool:
    """Whether a model is on the γ axis: an IB-INN, unless it learned only the classes, from scratch."""
    return checkpoint.objective == "ib" and checkpoint.gamma is not None and not checkpoint.learned_only_classes


def colors_of(checkpoints: list[Checkpoint]) -> list[str]:
    """The colour of each model in a figure: by γ within the family, else the colour of the model's kind."""
    colors: dict[str, str] = {}
    for checkpoint in checkpoints:
        if checkpoint.id not in colors:
            family = [c.id for c in registry.family_of(checkpoint) if is_on_the_way(c)]
            colors |= zip(family, model_colors(len(family)), strict=True)
            if isinstance(checkpoint, MixedCheckpoint) and checkpoint.point.left in family:
                place = family.index(checkpoint.point.left) + checkpoint.point.share
                colors[checkpoint.id] = model_color(place / (len(family) - 1))
    return [colors.get(c.id) or KIND_COLORS[c.objective if c.has_likelihood else c.model] for c in checkpoints]
