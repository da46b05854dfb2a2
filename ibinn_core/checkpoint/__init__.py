"""What a checkpoint is: a folder; listing, loading and saving them.

========================  ============================================================================
``config.json``           format, architecture, objective, γ, training, budget, ancestry, data set and classes
``weights.safetensors``   parameters and buffers; the sub-networks' matrices in half precision, and no means that
                          follow from an alignment
``card.json``             the measured numbers, and how they were measured
``history.csv``           the training curve, one row an epoch
``latent.npz``            the test set, or some of it, in latent space without its images (:mod:`.latent_format`)
``style.npz``             directions in which no posterior changes (:mod:`.style_format`), of some models
``manifest.json``         the SHA-256 of each of these files (:mod:`.manifest`)
========================  ============================================================================

No file is a pickle, because a checkpoint may come from somebody unknown. Listing reads the JSON files, the history and
the headers of weights and arrays, and does not import torch. ``docs/reliability.md`` has the limits.
"""

from .dataset import dataset_of, describe_dataset
from .folder import Checkpoint, read
from .listing import (
    Refusal,
    checkpoints,
    default_folder,
    find,
    folders,
    locate,
    scan,
    stamp,
)
from .loading import load
from .manifest import ChangedError, changed_files, read_manifest, write_manifest
from .names import CARD, CONFIG, FORMAT, HISTORY, LATENT, MANIFEST, STYLE, WEIGHTS
from .saving import check_target, save, weights_as_stored, write_card, write_checkpoint, write_history, write_weights
from .style_format import write_style
from .validation import CheckpointError

__all__ = [
    "CARD",
    "CONFIG",
    "FORMAT",
    "HISTORY",
    "LATENT",
    "MANIFEST",
    "STYLE",
    "WEIGHTS",
    "ChangedError",
    "Checkpoint",
    "CheckpointError",
    "Refusal",
    "changed_files",
    "check_target",
    "checkpoints",
    "dataset_of",
    "default_folder",
    "describe_dataset",
    "find",
    "folders",
    "load",
    "locate",
    "read",
    "read_manifest",
    "save",
    "scan",
    "stamp",
    "weights_as_stored",
    "write_card",
    "write_checkpoint",
    "write_history",
    "write_manifest",
    "write_style",
    "write_weights",
]
