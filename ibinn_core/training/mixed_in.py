"""Mixing into a trained model the weights that it had long before.

The last epochs of a training, in which the learning rate falls, fit the training images too well. A model on the
straight line between their end and a trunk from before them errs less than either (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models").
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from ..models.classifier import Classifier
from ..weight_space.mixing import mixed_names
from .warm_start import weights_of, without_alignment


@dataclass(frozen=True)
class MixedIn:
    """What is mixed into a model after its training.

    Raises:
        ValueError: for another share.
    """

    source: str  # a training folder, a trunk (:mod:`.trunk`), or anything that :func:`ibinn_core.load` takes
    share: float  # of the weights of source, above 0 and below 1

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"the share that is mixed in must be above 0 and below 1, not {self.share}")

    def into(self, model: Classifier) -> None:
        """Changes all weights of the model, and its statistics of batch norms, to (1 - share) of its own.

        Raises:
            ValueError: if the weights of ``source`` are not those of the same network.
        """
        own, other = model.state_dict(), without_alignment(weights_of(self.source))
        counts = {name for name in own if name.endswith("num_batches_tracked")}
        mixed = set(mixed_names(model))
        if own.keys() != other.keys() or any(own[name].shape != other[name].shape for name in own):
            raise ValueError(f"the weights of {self.source} are not those of the same network, so they cannot be mixed")
        if any(not torch.equal(own[name], other[name]) for name in own.keys() - mixed - counts):
            raise ValueError(f"{self.source} has other permutations or whitening than the model: they cannot be mixed")
        with torch.no_grad():
            for name in mixed:
                own[name].copy_(torch.lerp(own[name], other[name].to(own[name].dtype), self.share))

    def described(self) -> dict[str, str | float]:
        """Plain values for a checkpoint's ``config.json``."""
        return {"with": Path(self.source).name, "share": self.share}
