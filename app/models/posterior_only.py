"""Classifiers without a likelihood: the choice of those to compare with, and their answers on an image."""

from app import state
from app.models import registry
from app.models.names import unique_names
from app.widgets.choice import choose_several
from ibinn_core.checkpoint import Checkpoint


def pick_posterior_only() -> list[Checkpoint]:
    """The classifiers without a likelihood that a page compares; shared by all pages through ``?beside=``."""
    named = unique_names(registry.without_likelihood())
    if not named:
        return []
    default = registry.first_beside_of(named)
    explanation = "Classifiers that give a posterior, but no likelihood: no Bayes' rule."
    picked = choose_several("Beside them, purely discriminative", named, state.BESIDE, default, explanation)
    picked = [i for i in named if i in picked]
    state.link(state.BESIDE, picked, default)
    return [registry.by_id(i) for i in picked]
