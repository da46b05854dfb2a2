"""The data of :mod:`app.figures.corruption`: an image that is corrupted step by step, and the answers of models."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class CorruptedImages:
    """An image that is corrupted step by step."""

    pixels: np.ndarray  # uint8 (T, H, W, C); the first image is untouched
    strengths: np.ndarray  # strengths of the corruption, (T,), starting at 0
    labels: list[str]  # the T strengths as text for users
    axis: str  # title of the axis of strengths
    what: str  # the corruption, as a clause after "while"

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: slice) -> "CorruptedImages":
        return replace(self, pixels=self.pixels[rows], strengths=self.strengths[rows], labels=self.labels[rows])


@dataclass(frozen=True)
class Reading:
    """The answers of a model with a likelihood on T corrupted images."""

    name: str  # name of the model
    color: str  # colour of the model
    posterior: np.ndarray  # q(y | x), (T, K)
    entropy: np.ndarray  # entropy of the posterior in nats, (T,)
    bits: np.ndarray  # bits/dim, (T,)
    # Distance of the bits/dim from the middle of the typical band, in units of half its width, (T,). An image
    # above 1 is too unlikely to be typical, and an image below -1 is too likely.
    offset: np.ndarray
    p_values: np.ndarray  # p-values of the typicality test, (T,)
