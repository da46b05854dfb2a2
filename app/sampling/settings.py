"""How samples are drawn: the controls of the page Sample."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from app import state
from app.images.opening import first_classes
from app.images.program_lines import model_line, program
from app.models.decoding import Samples, Source
from app.widgets.choice import choose_classes, choose_one, pick_seed
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset

#: Where samples come from: the centre that they are drawn around.
SOURCES = {"Around the class's images": "empirical", "From the model's own mixture": "mean"}
WHY = {
    "empirical": "Drawn from a Gaussian around the mean latent of the class's training images, in units of their "
    "measured spread. Guidance moves it away from the average of all classes' means.",
    "mean": "Drawn from the class's Gaussian, around its mean μ: where the model says the class is. If they look "
    "worse, the mixture does not describe where the images really lie.",
}
GUIDANCE = (
    "How much is made of what sets a class apart. With Gaussians of one size around the classes' mean latents, q(z|y), "
    "and one around their average, q(z), samples are drawn from q(z|y)^w · q(z)^(1−w) (classifier-free guidance): at "
    "w = 1 around the class's mean, beyond 1 farther out, away from the other classes. Not for the model's own mixture."
)
MOSTLY = 0.5  # share of a sample's values outside of the range of pixels, above which little of it can be seen


class Settings(NamedTuple):
    """How samples are drawn."""

    temperature: float  # deviation of the drawn latents, in units of the measured spread or of the mixture's
    center: str  # "empirical" or "mean"
    guidance: float  # how much is made of what sets a class apart; 1 for the mixture, which is then its own
    seed: int  # of the noise

    def source(self, checkpoint: Checkpoint) -> Source:
        """What samples of a model are drawn from."""
        unit = float(checkpoint.latent["spread"]) if self.center == "empirical" else 1.0
        return Source(checkpoint.id, self.temperature * unit, self.center, self.guidance)

    def program(self, checkpoint: Checkpoint, classes: tuple[int, ...], count: int) -> str:
        """The program that draws the samples of a model."""
        labels, unit = list(classes), " * model.latent_spread" if self.center == "empirical" else ""
        return program(
            model_line(checkpoint),
            f"noise = torch.randn({count}, model.config.dims, generator=torch.Generator().manual_seed({self.seed}))",
            f"classes = np.repeat({labels}, {count})",
            f"temperature = {self.temperature:g}{unit}",
            f"noise = noise.repeat({len(labels)}, 1)",
            f'x = model.sample(classes, temperature, "{self.center}", noise=noise, guidance={self.guidance:g})',
            f"images = ib.to_uint8(x, missing=0.5)  # (classes * {count}, H, W, C)",
            imports=["torch"],
        )


def pick_settings(focus: Checkpoint) -> tuple[Settings, tuple[int, ...]]:
    """The controls in a row, and the classes in a drawer; kept in the URL."""
    dataset = focus.dataset
    columns = st.columns([2.7, 1.15, 1.15, 0.95, 1], gap="medium", vertical_alignment="bottom")
    with columns[0]:
        explanation = "\n\n".join(f"**{name}**: {WHY[center]}" for name, center in SOURCES.items())
        source = choose_one("Where samples come from", list(SOURCES), state.SOURCE, explanation, wrap=True)
        center = SOURCES[source]
    with columns[1]:
        temperature = st.slider(
            "Temperature",
            **state.bound(state.TEMPERATURE, dataset.temperature),
            help="Standard deviation of the drawn latents; lower is nearer to the centre, where no image lies.",
        )
    with columns[2]:
        guidance = st.slider(
            "Guidance",
            **state.bound(state.GUIDANCE, dataset.guidance),
            help=GUIDANCE,
            disabled=center == "mean",
        )
    with columns[3]:
        seed = pick_seed(state.SEED, "Each column has a noise of its own, the same for every class and every model.")
    with columns[4].popover("Classes", icon=":material/category:", width="stretch"):
        classes = _pick_classes(dataset)
    return Settings(temperature, center, guidance if center == "empirical" else 1.0, seed), classes


def _pick_classes(dataset: Dataset) -> tuple[int, ...]:
    names = dataset.classes
    picked = choose_classes(dataset, first_classes(names), state.CLASSES, "Each class is a row.")
    if not picked:
        st.info("Choose at least one class.", icon=":material/touch_app:")
        st.stop()
    return tuple(k for k, name in enumerate(names) if name in picked)


def is_outside(drawn: Samples) -> np.ndarray:
    """Of which samples little can be seen where they are clipped, ``(C, N)``."""
    return drawn.outside > MOSTLY


def mark_of(high: float) -> str:
    """What is written on a sample that is scaled: how many times white its brightest values are."""
    return f"{high:.{high < 10:d}f}×"


def in_words(low: float, high: float) -> str:
    """The range of some values."""
    return f"from {low:.1f} to {high:,.{high < 10:d}f}".replace("-", "−")
