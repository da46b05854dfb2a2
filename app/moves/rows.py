"""The models of the tab *Several γ* of the panel Move, each with a row that shows the way to a class."""

import math
from typing import Any

import numpy as np

from app.inference.bits import typical_bits
from app.models import registry
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import plain_gamma

MAX_ROWS = 4  # one per model


def models_for(checkpoint: Checkpoint) -> list[Checkpoint]:
    """A model and others of its family, evenly spaced and sorted by γ. The others have neither γ = 0 nor γ = ∞."""
    own = checkpoint.gamma or 0.0
    trained = {c.gamma: c for c in registry.family_of(checkpoint)[::-1] if c.gamma and math.isfinite(c.gamma)}
    gammas = sorted(trained)
    if not gammas:
        return [checkpoint]
    places = sorted(set(np.linspace(0, len(gammas) - 1, MAX_ROWS).round().astype(int).tolist()))
    chosen = [gammas[place] for place in places]
    nearest = min(chosen, key=lambda gamma: abs(math.log(gamma) - math.log(own)) if own else gamma)
    if math.isinf(own):
        nearest = chosen[-1]
    return [checkpoint if gamma == nearest else trained[gamma] for gamma in chosen]


def members(models: list[Checkpoint]) -> list[dict[str, Any]]:
    """The data for computing each model's row in the browser: ``Member`` in ``app/static/moves/gammas.js``."""
    return [{"gamma": plain_gamma(c.gamma or 0), "typical": list(typical_bits(c))} for c in models]
