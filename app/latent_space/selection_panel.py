"""The panel beside the latent scatter: many test images at once, as one model sees them or as several do."""

import numpy as np
import streamlit as st

from app.figures.bars import posterior_bars
from app.figures.layout import BARE, as_rgb, png_uri
from app.images import pictures
from app.latent_space import clouds
from app.latent_space.chosen import offer_to_forget
from app.models.names import unique_names
from app.models.origin import origin
from app.models.summary import labels_known
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data.images import rows_of

SHOWN = 24  # thumbnails


def show_selection(checkpoints: list[Checkpoint], rows: np.ndarray) -> None:
    """What the lassoed images, rows of the first model's latent file, have in common; what each model makes of them."""
    first = checkpoints[0]
    who = "the models make" if len(checkpoints) > 1 else "the model makes"
    st.markdown(f"**{len(rows):,} test images**, and what {who} of them:")
    st.markdown(selection_table(checkpoints, rows))
    st.caption("Confidence is the mean, bits/dim the median. True classes of these images:")
    shares = np.bincount(first.latent["labels"][rows].astype(int), minlength=len(first.classes)) / len(rows)
    show_figure(
        posterior_bars(shares, classes=first.classes),
        "selection-classes",
        config=BARE,
        alt="Classes of the selected images: "
        + ", ".join(f"{name} {share:.0%}" for name, share in zip(first.classes, shares, strict=True)),
    )
    shown = _some_images(first, rows)
    if shown:
        alt = f"{len(shown)} of the selected images"
        st.image(png_uri(_mosaic(shown, 6)), width="stretch", alt=alt)
        if len(shown) < len(rows):
            st.caption(f"{len(shown)} of the {len(rows):,}, drawn at random.")
    with st.container(horizontal=True):
        title = f"True classes of {len(rows):,} test images of {first.dataset.title}"
        offer("selection", chart="selection-classes", title=title, csv=lambda: selection_csv(checkpoints, rows))
        offer_to_forget()


def selection_table(checkpoints: list[Checkpoint], rows: np.ndarray) -> str:
    """A line for each model, in Markdown: how many of the images it gets wrong, how sure it is, how likely they are."""
    lines = ["| Model | Wrong | Sure | Bits/dim |", "| :-- | --: | --: | --: |"]
    for checkpoint, name in zip(checkpoints, unique_names(checkpoints).values(), strict=True):
        own, latent = _rows_under(checkpoint, checkpoints[0], rows), checkpoint.latent
        cells = ["–"] * 3
        if len(own):
            cells[2] = f"{np.median(clouds.test_bits(checkpoint.id)[own]):.2f}"
        if len(own) and labels_known(checkpoint):
            wrong = latent["posterior"][own].argmax(1) != latent["labels"][own]
            cells[:2] = f"{wrong.mean():.1%}", f"{latent['posterior'][own].max(1).mean():.0%}"
        name = markdown_text(name).replace(" ", "\u00a0")
        lines.append(f"| **{name}** | {' | '.join(cells)} |")
    return "\n".join(lines)


def selection_csv(checkpoints: list[Checkpoint], rows: np.ndarray) -> bytes:
    """A row for each model and image."""
    return csv_bytes(*(_images_under(c, _rows_under(c, checkpoints[0], rows)) for c in checkpoints))


def _images_under(checkpoint: Checkpoint, rows: np.ndarray) -> dict[str, object]:
    """What a model makes of the test images in ``rows`` of its latent file."""
    latent, names = checkpoint.latent, checkpoint.classes
    return {
        "model": checkpoint.id,
        "image": [f"{h:016x}" for h in latent["hashes"][rows]],
        "class": [names[k] for k in latent["labels"][rows]],
        "prediction": [names[k] for k in latent["posterior"][rows].argmax(1)],
        "confidence": latent["posterior"][rows].max(1).astype(np.float64),
        "bits_per_dim": clouds.test_bits(checkpoint.id)[rows],
        **origin(checkpoint),
    }


def _rows_under(checkpoint: Checkpoint, reference: Checkpoint, rows: np.ndarray) -> np.ndarray:
    """The same test images as in ``rows`` of the reference's latent file, in another model's."""
    found = rows_of(checkpoint.latent["hashes"], reference.latent["hashes"][rows])
    return found[found >= 0]


def _some_images(checkpoint: Checkpoint, rows: np.ndarray) -> list[np.ndarray]:
    """Images of up to :data:`SHOWN` of the test images in ``rows``: at random, since some files go by class."""
    order = np.random.default_rng(0).permutation(rows)
    places = pictures.rows_in_gallery(checkpoint.id)[order]
    images = pictures.images_of(pictures.largest_gallery(checkpoint.dataset), checkpoint.dataset)[0]
    return list(images[places[places >= 0][:SHOWN]])


def _mosaic(images: list[np.ndarray], columns: int) -> np.ndarray:
    """Images in rows with gaps that let the page shine through, uint8 ``(H, W, 4)``."""
    opaque = [np.dstack([as_rgb(p), np.full(p.shape[:2], 255, np.uint8)]).repeat(3, 0).repeat(3, 1) for p in images]
    padded = [np.pad(p, ((0, 6), (0, 6), (0, 0))) for p in opaque]
    padded += [np.zeros_like(padded[0])] * (-len(padded) % columns)
    lines = [np.concatenate(padded[i : i + columns], axis=1) for i in range(0, len(padded), columns)]
    return np.concatenate(lines)[:-6, :-6]
