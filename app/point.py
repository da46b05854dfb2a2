"""The panel beside the latent scatter: one test image, as the model sees it."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.figures.bars import posterior_bars
from app.figures.palette import CLASSES
from ibinn_core.checkpoint import Checkpoint


def show_point(checkpoint: Checkpoint, row: int, title: str) -> None:
    """Image, posterior, likelihood, typicality and neighbours of the test image in ``row``."""
    latent = checkpoint.latent
    label, posterior = int(latent["labels"][row]), latent["posterior"][row]
    st.markdown(f"**{title}**: {CLASSES[label]}, predicted {CLASSES[posterior.argmax()]}")
    image = gallery.test_image(checkpoint.id, row)
    if image is not None:
        gallery.show_image(image, f"Test image of class {CLASSES[label]}")
    else:
        st.caption("Its picture is not on this machine: `python -m ibinn_core data cifar10` fetches the test set.")
    st.plotly_chart(
        posterior_bars(posterior, label),
        config={"displayModeBar": False},
        key="point-posterior",
        alt="Posterior of the ten classes: "
        + ", ".join(f"{CLASSES[k]} {posterior[k]:.0%}" for k in range(len(CLASSES))),
    )
    score = float(ib.exploration.typicality(latent["log_prob"][row : row + 1], latent["reference"])[0])
    share = float((ib.exploration.typicality(latent["reference"], latent["reference"]) < score).mean())
    side = "likely" if latent["log_prob"][row] > latent["reference"].mean() else "unlikely"
    bits = float(ib.bits_per_dim(float(latent["log_prob"][row]), state.DIMS, checkpoint.noise))
    unusual = f"unusually {side}" if share > 0.95 else f"on the {side} side"
    st.caption(f"{bits:.2f} bits/dim, {unusual}: {share:.0%} of held-out training images are more typical.")
    neighbors = latent["neighbors"][row]
    names = [CLASSES[k] for k in latent["labels"][neighbors]]
    st.caption("Nearest in all 3,072 dimensions: " + ", ".join(names) + ".")
    found = [gallery.test_image(checkpoint.id, n) for n in neighbors]
    if all(pixels is not None for pixels in found):
        # An opaque fourth channel, so that what lies between the images is the page's own ground.
        opaque = [np.dstack([p, np.full(p.shape[:2], 255, np.uint8)]).repeat(3, 0).repeat(3, 1) for p in found]
        strip = np.concatenate([np.pad(p, ((0, 0), (0, 6), (0, 0))) for p in opaque], axis=1)[:, :-6]
        st.image(strip, output_format="PNG", width="stretch", alt="The eight nearest neighbours: " + ", ".join(names))
    st.caption("Click another dot, or a class in the legend.")


def selected_row(event: dict | None) -> int | None:
    """The row of the clicked test image, from Plotly's selection; ``None`` if a mean or nothing was."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    rows = [point["customdata"] for point in points if "customdata" in point]
    if not rows:
        return None
    row = rows[0]
    return int(row[0] if isinstance(row, (list, tuple)) else row)
