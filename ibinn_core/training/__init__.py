"""Trains models and families of models on images, and makes checkpoints of them.

``trainer`` has the loop, ``images`` makes batches, and ``state`` stores progress. ``sources`` reads trained weights,
and ``warm_start`` starts from them. ``export`` makes and measures checkpoints. ``recipe.toml`` describes the families,
and ``family`` trains them.
"""

from ..models.config import TrainingConfig
from .state import read_state
from .trainer import DivergedError, Trainer

__all__ = ["DivergedError", "Trainer", "TrainingConfig", "read_state"]
