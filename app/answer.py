"""A model's answers on images, and images that a model generates."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.palette import VERDICT_COLORS
from ibinn_core.measures.scores import predictive_entropy

if TYPE_CHECKING:
    import pandas as pd

CONFIDENT_FROM = 0.7  # least top probability of a confident image


class Verdict(NamedTuple):
    """A verdict on a page: a word, a sign and a colour, never a colour alone."""

    word: str  # what it says
    icon: str  # Streamlit's name of its icon
    color: str  # Streamlit's name of its colour
    sign: str  # one character for a figure
    ink: str  # its colour in a figure, readable on white and on black

    @property
    def badge(self) -> str:
        """In Markdown."""
        return f":{self.color}-badge[{self.icon} {self.word}]"


CONFIDENT = Verdict("confident", ":material/check_circle:", "green", "✓", VERDICT_COLORS["confident"])
UNCERTAIN = Verdict("uncertain", ":material/help:", "orange", "?", VERDICT_COLORS["uncertain"])
OUT = Verdict("out of distribution", ":material/warning:", "red", "⚠", VERDICT_COLORS["out"])
CLASS_UNKNOWN = Verdict("typical, class unknown", ":material/label_off:", "gray", "–", VERDICT_COLORS["unknown"])


@dataclass(frozen=True)
class Answer:
    """A model's answers on N images of K classes; fields that its kind lacks are ``None``."""

    model: str  # its id
    classes: tuple[str, ...]
    posterior: np.ndarray  # q(y | x), (N, K)
    latents: np.ndarray | None = None  # (N, D)
    log_prob: np.ndarray | None = None  # log q(x) in nats, (N,)
    log_likelihood: np.ndarray | None = None  # log q(x | y) in nats, (N, K)
    prior: tuple[float, ...] | None = None  # q(y)
    bits: np.ndarray | None = None  # bits/dim, (N,)
    p_value: np.ndarray | None = None  # of the typicality test, (N,): the share of held-out images as untypical
    is_typical: np.ndarray | None = None  # which pass the test, (N,)
    typical: tuple[float, float] | None = None  # lowest and highest bits/dim that do
    labels_known: bool = True  # whether the model was trained with labels; if not, its posterior means nothing

    @property
    def entropy(self) -> np.ndarray:
        """The entropy of the posterior in nats, ``(N,)``."""
        return predictive_entropy(self.posterior)

    def joint(self, row: int) -> np.ndarray:
        """q(x | y) q(y) of an image in units of the largest likelihood, ``(K,)``; divided by its sum, the posterior."""
        assert self.log_likelihood is not None and self.prior is not None
        likelihood = self.log_likelihood[row]
        return np.exp(likelihood - likelihood.max()) * np.array(self.prior)

    def verdict(self, row: int = 0) -> Verdict:
        """Out of the distribution, or if not, how sure the model is."""
        if self.is_typical is not None and not self.is_typical[row]:
            return OUT
        if not self.labels_known:
            return CLASS_UNKNOWN
        return CONFIDENT if self.posterior[row].max() >= CONFIDENT_FROM else UNCERTAIN

    def top(self, row: int, count: int = 3) -> str:
        """The most probable classes of an image, with their probabilities."""
        order = self.posterior[row].argsort()[::-1][:count]
        return ", ".join(f"{self.classes[k]} {self.posterior[row, k]:.0%}" for k in order)

    def recognised(self, label: int) -> int:
        """The number of images that the model assigns to a class."""
        return int((self.posterior.argmax(1) == label).sum())

    def table(self) -> "pd.DataFrame":
        """A row for each image."""
        import pandas as pd

        columns: dict[str, object] = {"model": self.model, "image": range(len(self.posterior))}
        columns |= {f"posterior_{name}": self.posterior[:, k] for k, name in enumerate(self.classes)}
        if self.log_likelihood is not None:
            columns |= {f"log_likelihood_{name}": self.log_likelihood[:, k] for k, name in enumerate(self.classes)}
        numbers = {"log_prob": self.log_prob, "bits_per_dim": self.bits, "typicality_p_value": self.p_value}
        columns |= {name: values for name, values in numbers.items() if values is not None}
        return pd.DataFrame(columns | {"verdict": [self.verdict(row).word for row in range(len(self.posterior))]})


@dataclass(frozen=True)
class Images:
    """N images that a model made."""

    pixels: np.ndarray  # clipped to the range of pixels, uint8 (N, H, W, C)
    shown: np.ndarray  # the same, but an image that would mostly be clipped is scaled into that range
    white: np.ndarray  # how many times white the brightest value of a scaled image is, else 0, (N,)

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: slice) -> "Images":
        return Images(self.pixels[rows], self.shown[rows], self.white[rows])

    @property
    def marks(self) -> list[str]:
        """The text on each image."""
        return [mark_of(white) if white else "" for white in self.white]


def bound_text(grey_levels: float) -> str:
    """The largest deviation of a pixel as text, rounded up so that it is a bound."""
    return f"{max(math.ceil(10_000 * grey_levels), 1) / 10_000:.4f}"


def mark_of(white: float) -> str:
    """The label of a scaled image: its brightest value, as a multiple of white."""
    return f"{white:.{white < 10:d}f}×"
