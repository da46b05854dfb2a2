"""The posterior of trained models on an image, as a training target (Hinton et al. 2015)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .. import checkpoint
from ..layers.subnetwork import set_autocast
from ..models.classifier import Classifier


class Teachers:
    """The mean posterior of some checkpoints.

    Arguments:
        ids: ids of the checkpoints, at least one.
        pupil: the model in training; teachers get the same images and must have the same classes.
        dtype: dtype inside sub-networks, ``None`` for float32.

    Raises a CheckpointError for an unknown id, and a ValueError for another image shape or number of classes.
    """

    def __init__(self, ids: Sequence[str], pupil: Classifier, dtype: torch.dtype | None) -> None:
        self.models = [checkpoint.load(id) for id in ids]
        for id, model in zip(ids, self.models, strict=True):
            ours, theirs = ((m.config.image_shape, m.num_classes) for m in (pupil, model))
            if ours != theirs:
                raise ValueError(
                    f"{id} cannot teach this model: it knows {theirs[1]} classes of images {theirs[0]}, not {ours[1]} "
                    f"of {ours[0]}"
                )
            set_autocast(model, dtype)

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """Returns the teachers' mean posterior ``(N, K)`` for images ``(N, C, H, W)`` in [0, 1]; rows sum to one."""
        # The pupil may have moved to a GPU since the teachers were loaded.
        return torch.stack([model.to(x.device).posterior(x) for model in self.models]).mean(0).float()
