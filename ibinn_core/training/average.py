"""An exponential average of the weights, which has at any time the effect of a learning rate that has fallen."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import PARAM_LIST, AveragedModel


def averaged(model: nn.Module, decay: float, steps: int = 0) -> AveragedModel:
    r"""A running mean of a model's parameters and buffers, with decay d from 0 to below 1.

    After the t-th step :math:`\bar\theta \leftarrow d_t \bar\theta + (1 - d_t)\,\theta` with
    :math:`d_t = \min(d, (1 + t) / (10 + t))`. It starts from the model's weights, which include so many ``steps``.
    """

    @torch.no_grad()
    def mix(averages: PARAM_LIST, present: PARAM_LIST, step: Tensor | int) -> None:
        if averages[0].is_floating_point():
            weight = 1 - min(decay, (1 + int(step)) / (10 + int(step)))
            # torch has it, in one pass over all tensors, but its stubs do not export it.
            torch._foreach_lerp_(averages, present, weight)  # pyright: ignore[reportPrivateImportUsage]
        else:  # such as a count of batches
            for average, value in zip(averages, present, strict=True):
                average.copy_(value)

    average = AveragedModel(model, multi_avg_fn=mix, use_buffers=True)
    average.n_averaged.fill_(steps + 1)  # with 0 it would forget the start
    return average
