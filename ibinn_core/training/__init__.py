"""Training: from images to weights, to checkpoints, and to a whole family of them.

==============  =========================================================================
``trainer``     the training loop
``images``      the images of a training's data set
``batches``     order, augmentation and noise of the training images
``state``       the state of a training on disk, from which it can be resumed
``average``     an exponential average of the weights
``warm_start``  starting from the weights of another training
``outcome``     the model of a training, and how far it came
``trunk``       the weights of an unfinished training, kept for others to start from
``lineage``     the trainings that the weights went through
``export``      from a training to a measured checkpoint, or to a trunk
``own_flow``    from a flow of one's own to a measured checkpoint
``recipe``      the models of the family, and how each is trained
``scheduler``   the processes that train them
==============  =========================================================================

The config of a training is :class:`ibinn_core.models.config.TrainingConfig`.
"""

from ..models.config import TrainingConfig
from .state import read_state
from .trainer import DivergedError, Trainer

__all__ = ["DivergedError", "Trainer", "TrainingConfig", "read_state"]
