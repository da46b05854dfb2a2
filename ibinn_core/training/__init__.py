"""Training: the loop, its state on disk, and the config that describes it."""

from .config import TrainingConfig
from .loop import DivergedError, Trainer
from .state import read_state

__all__ = ["DivergedError", "Trainer", "TrainingConfig", "read_state"]
