"""Checkpoints: folders, and functions to list, load and save them.

========================  ============================================================================
``config.json``           format, architecture, objective, γ, training, budget, ancestry, data set and classes
``weights.safetensors``   parameters and buffers; exported trainings omit means that follow from an alignment,
                          and have the matrices of sub-networks in half precision
``card.json``             the measured numbers, and how they were measured
``latent.npz``            posteriors and projected latents of all or some test images (:mod:`.arrays`)
``style.npz``             directions in which no posterior changes (:mod:`.arrays`); only for some models
``manifest.json``         the SHA-256 of each of these files (:mod:`.verify`)
========================  ============================================================================

No file is a pickle, because a checkpoint may come from a stranger. Listing reads the JSON files, and does not import
torch. ``docs/formats.md`` has the limits.
"""

from .arrays import view
from .folder import Checkpoint, describe_dataset, read
from .format import CARD, CONFIG, FORMAT, LATENT, MANIFEST, STYLE, WEIGHTS, CheckpointError
from .listing import Refusal, checkpoints, find, folders, load, locate, scan
from .saving import save, weights_as_stored, write_checkpoint
from .verify import changed_files, write_files, write_manifest

__all__ = [
    "CARD",
    "CONFIG",
    "FORMAT",
    "LATENT",
    "MANIFEST",
    "STYLE",
    "WEIGHTS",
    "Checkpoint",
    "CheckpointError",
    "Refusal",
    "changed_files",
    "checkpoints",
    "describe_dataset",
    "find",
    "folders",
    "load",
    "locate",
    "read",
    "save",
    "scan",
    "view",
    "weights_as_stored",
    "write_checkpoint",
    "write_files",
    "write_manifest",
]
