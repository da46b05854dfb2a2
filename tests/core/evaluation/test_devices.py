"""The measures of a model that is not on the CPU."""

import numpy as np
import torch

from ibinn_core.evaluation import score_images


class FarTensor:
    """A tensor on a GPU, which becomes no array before it is on the CPU."""

    def __init__(self, values: torch.Tensor) -> None:
        self.values = values

    def cpu(self) -> torch.Tensor:
        return self.values


class FarModel:
    noise, device = "uniform", torch.device("meta")

    def evaluate(self, x: torch.Tensor) -> dict:
        assert x.device == self.device
        return {"posterior": FarTensor(torch.full((len(x), 3), 1 / 3))}


def test_images_go_to_the_device_of_the_model_and_results_come_back():
    images = np.zeros((4, 8, 8, 3), np.uint8)
    assert score_images(FarModel(), images).posterior.shape == (4, 3)
