"""The origin of a training, by which trainings are recognised as branches of one tree."""

import hashlib
import json

#: The options of a training that decide its first steps, whatever is done with it later.
_DECISIVE = ("model", "objective", "noise", "batch_size", "learning_rate", "seed", "dataset")
_OF_ARCHITECTURE = ("image_shape", "blocks", "widths")


def origin_of(training: dict) -> str:
    """Twelve hexadecimal digits that name the beginning of a training from scratch, whatever its length."""
    architecture = training.get("architecture", {})
    values = [training.get(name) for name in _DECISIVE] + [architecture.get(name) for name in _OF_ARCHITECTURE]
    values.append(architecture.get("seed", 0))  # which older trainings could choose
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]
