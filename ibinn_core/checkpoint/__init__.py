"""What a checkpoint is: a folder; listing, loading and saving them.

========================  ============================================================================
``config.json``           format, architecture, objective, γ, training, budget, ancestry, data set and classes
``weights.safetensors``   parameters and buffers; the sub-networks' matrices in half precision
``card.json``             the measured numbers, and how they were measured
``history.csv``           the training curve, one row an epoch
``latent.npz``            the test set in latent space without its images (:mod:`.latent_format`)
========================  ============================================================================

No file is a pickle, because a checkpoint may come from somebody unknown. Listing reads only JSON and the header of the
weights, and does not import torch.

The modules: :mod:`.names` (of files and numbers), :mod:`.validation` (of the JSON files), :mod:`.integrity` (of the
weights), :mod:`.dataset` (its data set), :mod:`.folder` (one checkpoint), :mod:`.listing` (all of them),
:mod:`.loading` and :mod:`.saving`.
"""

from .dataset import dataset_of, describe_dataset
from .folder import Checkpoint, read
from .listing import Refusal, checkpoints, default_folder, find, folders, scan
from .loading import load
from .names import CARD, CARD_NUMBERS, CONFIG, FORMAT, HISTORY, LATENT, WEIGHTS, card_numbers
from .saving import check_target, save, write_history, write_weights
from .validation import CheckpointError

__all__ = [
    "CARD",
    "CARD_NUMBERS",
    "CONFIG",
    "FORMAT",
    "HISTORY",
    "LATENT",
    "WEIGHTS",
    "Checkpoint",
    "CheckpointError",
    "Refusal",
    "card_numbers",
    "check_target",
    "checkpoints",
    "dataset_of",
    "default_folder",
    "describe_dataset",
    "find",
    "folders",
    "load",
    "read",
    "save",
    "scan",
    "write_history",
    "write_weights",
]
