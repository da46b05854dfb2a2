"""What a model makes of images, and images that a model made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """What a model makes of N images; what its kind cannot say is ``None``."""

    model: str  # its id
    classes: tuple[str, ...]
    posterior: np.ndarray  # q(y | x), (N, K)
    latents: np.ndarray | None = None  # (N, D)
    log_prob: np.ndarray | None = None  # log q(x) in nats, (N,)
    bits: np.ndarray | None = None  # bits/dim, (N,)

    def top(self, row: int, count: int = 3) -> str:
        """The most probable classes of an image, with their probabilities."""
        order = self.posterior[row].argsort()[::-1][:count]
        return ", ".join(f"{self.classes[k]} {self.posterior[row, k]:.0%}" for k in order)

    def recognised(self, label: int) -> int:
        """How many of the images the model takes for a class."""
        return int((self.posterior.argmax(1) == label).sum())

    def table(self) -> "pd.DataFrame":
        """A row for each image."""
        import pandas as pd

        columns: dict[str, object] = {"model": self.model, "image": range(len(self.posterior))}
        columns |= {f"posterior_{name}": self.posterior[:, k] for k, name in enumerate(self.classes)}
        numbers = {"log_prob": self.log_prob, "bits_per_dim": self.bits}
        return pd.DataFrame(columns | {name: values for name, values in numbers.items() if values is not None})


@dataclass(frozen=True)
class Images:
    """N images that a model made."""

    pixels: np.ndarray  # clipped to the range of pixels, uint8 (N, H, W, C)
    shown: np.ndarray  # the same, but scaled into that range where most of an image would be clipped
    white: np.ndarray  # how many times white the brightest value of a scaled image is, else 0, (N,)

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: slice) -> "Images":
        return Images(self.pixels[rows], self.shown[rows], self.white[rows])

    @property
    def marks(self) -> list[str]:
        """What is written on each image."""
        return [mark_of(white) if white else "" for white in self.white]


def mark_of(white: float) -> str:
    """How many times white the brightest value of a scaled image is, as it is written on it."""
    return f"{white:.{white < 10:d}f}×"
