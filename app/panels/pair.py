"""The choice of the two models that some panels of results compare."""

import math
from collections.abc import Mapping
from typing import Any

from app import state
from app.controls import Before, one_of
from app.models import registry
from app.models.names import unique_names


def names_of_models(before: Before) -> Mapping[str, str]:
    """The names of all models of the data set, by id."""
    return unique_names(registry.all_checkpoints())


def left_model() -> Any:
    """The field of the first model; its default is the model that all pages show."""
    return one_of("This model", names_of_models, _first)


def right_model() -> Any:
    """The field of the second model; its default is the model that learned only the classes."""
    return one_of("Beside it", names_of_models, _second)


def _first(before: Before) -> str:
    ids = list(names_of_models(before))
    chosen = registry.mixed(state.get(state.MODEL))
    if chosen is not None:  # a mixed model: the neighbour with the larger share
        return chosen.point.right if chosen.point.share >= 0.5 else chosen.point.left
    return state.get(state.MODEL) if state.get(state.MODEL) in ids else registry.first_of(ids)


def _second(before: Before) -> str:
    models = registry.all_checkpoints()
    first = before["left"]
    ends = [c.id for c in models if c.objective == "ib" and c.gamma == math.inf]
    return next((i for i in (*ends, *(c.id for c in models)) if i != first), first)
