"""Trains models and families of models on images, and makes checkpoints of them."""

from ..models.config import TrainingConfig
from .state import read_state
from .trainer import DivergedError, Trainer

__all__ = ["DivergedError", "Trainer", "TrainingConfig", "read_state"]
