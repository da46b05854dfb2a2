"""The panel beside the latent scatter: one test image, as the model sees it."""

import itertools
from functools import partial

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.carry import offer_carry
from app.downloads import csv_bytes, offer
from app.figures.bars import posterior_bars
from app.figures.palette import CLASSES
from app.figures.tiles import tiles_figure, tiles_style
from app.lasso import kept_under, offer_to_let_go, selected_rows
from ibinn_core.checkpoint import Checkpoint

SHOWN = 24  # thumbnails of a lasso
LINES, LARGEST = 2, 88  # of neighbours, and the side of one in CSS pixels


def show_point(checkpoint: Checkpoint, row: int, title: str) -> None:
    """Image, posterior, likelihood, typicality and neighbours of the test image in ``row``.

    Arguments:
        checkpoint: whose view it is.
        row: in the checkpoint's latent file.
        title: what the image is, for people.
    """
    latent = checkpoint.latent
    label, posterior = int(latent["labels"][row]), latent["posterior"][row]
    st.markdown(f"**{title}**: {CLASSES[label]}, predicted {CLASSES[posterior.argmax()]}")
    image = gallery.test_image(checkpoint.id, row)
    if image is not None:
        gallery.show_image(image, f"Test image of class {CLASSES[label]}")
        offer_carry(_token(latent["hashes"][row]), "carry-point")
    else:
        st.caption(
            "Its picture is not on this machine. Wherever a page asks for an image, **Change** and then **Test set** "
            "offer to fetch CIFAR-10; so does `python -m ibinn_core data cifar10`."
        )
    st.plotly_chart(
        posterior_bars(posterior, label),
        config={"displayModeBar": False},
        key="point-posterior",
        alt="Posterior of the ten classes: "
        + ", ".join(f"{CLASSES[k]} {posterior[k]:.0%}" for k in range(len(CLASSES))),
    )
    share = 1 - float(ib.exploration.typicality_p_value(latent["log_prob"][row : row + 1], latent["reference"])[0])
    side = "likely" if latent["log_prob"][row] > latent["reference"].mean() else "unlikely"
    bits = float(ib.bits_per_dim(float(latent["log_prob"][row]), state.DIMS, checkpoint.noise))
    unusual = f"unusually {side}" if share > 0.95 else f"on the {side} side"
    st.caption(f"{bits:.2f} bits/dim, {unusual}: {share:.0%} of held-out training images are more typical.")
    what = "one of them, or another dot" if show_neighbors(checkpoint, row) else "another dot"
    st.caption(f"Click {what}; or choose the lasso in the figure's toolbar and draw it around many.")


def show_neighbors(checkpoint: Checkpoint, row: int) -> bool:
    """The test images nearest to that in ``row``, to click on; returns whether their pictures are on this machine."""
    latent, rows = checkpoint.latent, checkpoint.latent["neighbors"][row]
    names = [CLASSES[k] for k in latent["labels"][rows]]
    st.caption("Nearest in all 3,072 dimensions: " + ", ".join(names) + ".")
    found = [gallery.test_image(checkpoint.id, n) for n in rows]
    if any(pixels is None for pixels in found):
        return False
    images, width = np.stack(found), len(rows) // LINES
    blank = [""] * LINES, [""] * width
    hover = [f"{name}<br>click: look at it" for name in names]
    tokens = [f"{h:016x}" for h in latent["hashes"][rows]]
    figure = tiles_figure(
        images[: LINES * width].reshape(LINES, width, *images.shape[1:]),
        *blank,
        [hover[line * width :][:width] for line in range(LINES)],
    )
    margin = figure.layout.margin.l  # there is no toolbar that would need more
    key = f"neighbors-{checkpoint.id}-{latent['hashes'][row]:016x}"  # another point's must not keep the click
    st.html(tiles_style("neighbors-", *blank, LARGEST))
    st.plotly_chart(
        figure.update_layout(margin_r=margin, xaxis_constraintoward="left"),
        config={"displayModeBar": False},
        key=key,
        on_select=partial(_go_to, key, tokens),
        selection_mode="points",
        alt="The nearest neighbours: " + ", ".join(names),
    )
    return True


def _go_to(key: str, tokens: list[str]) -> None:
    """Makes the neighbour that was clicked on the chart ``key`` the point that is looked at, on every chart."""
    clicked = selected_rows(st.session_state.get(key))
    if clicked:
        st.session_state["point"] = tokens[clicked[0]]


def _token(pixel_hash: np.uint64) -> str:
    """What names a test image that is on this machine in a URL."""
    if gallery.largest_gallery() == "cifar10":
        return f"test-{pixel_hash:016x}"
    return f"sample-{int(np.flatnonzero(gallery.images_of('sample')[2] == pixel_hash)[0])}"


def show_selection(checkpoints: list[Checkpoint], rows: np.ndarray) -> None:
    """What the lassoed test images have in common, and what each model makes of them.

    Arguments:
        checkpoints: one or several.
        rows: of the images in the first one's latent file.
    """
    first = checkpoints[0]
    labels = first.latent["labels"][rows].astype(int)
    who = "the models make" if len(checkpoints) > 1 else "the model makes"
    st.markdown(f"**{len(rows):,} test images**, and what {who} of them:")
    st.markdown(selection_table(checkpoints, rows))
    counts = np.bincount(labels, minlength=len(CLASSES)) / len(rows)
    st.plotly_chart(
        posterior_bars(counts),
        config={"displayModeBar": False},
        key="selection-classes",
        alt="Classes of the selected images: " + ", ".join(f"{CLASSES[k]} {c:.0%}" for k, c in enumerate(counts)),
    )
    st.caption("Above: their true classes. In the table: mean confidence, median bits/dim.")
    shown = _some_images(first, rows)
    if shown:
        st.image(_mosaic(shown, 6), output_format="PNG", width="stretch", alt=f"{len(shown)} of the selected images")
        if len(shown) < len(rows):
            st.caption(f"{len(shown)} of the {len(rows):,}, drawn at random.")
    with st.container(horizontal=True):
        offer("selection", csv=lambda: selection_csv(checkpoints, rows))
        offer_to_let_go()


def selection_table(checkpoints: list[Checkpoint], rows: np.ndarray) -> str:
    """A line a model, in Markdown: how many of the images it gets wrong, how sure it is, how likely they are."""
    lines = ["| Model | Wrong | Confidence | Bits/dim |", "| :-- | --: | --: | --: |"]
    for checkpoint in checkpoints:
        own = kept_under(checkpoint, checkpoints[0], rows)
        wrong, confidence, bits = _answers(checkpoint, own)
        cells = ["–"] * 3
        if len(own):
            of_classes = [f"{wrong.mean():.1%}", f"{confidence.mean():.0%}"]
            cells = [*(of_classes if state.labels_known(checkpoint) else cells[:2]), f"{np.median(bits):.2f}"]
        name = state.name_of(checkpoint).replace(" ", "\u00a0")
        lines.append(f"| **{name}** | {' | '.join(cells)} |")
    return "\n".join(lines)


def selection_csv(checkpoints: list[Checkpoint], rows: np.ndarray) -> bytes:
    """A row a model and image."""
    columns: dict[str, list] = {}
    for checkpoint in checkpoints:
        own, latent = kept_under(checkpoint, checkpoints[0], rows), checkpoint.latent
        _, confidence, bits = _answers(checkpoint, own)
        part = {
            "model": [checkpoint.id] * len(own),
            "image": [f"{h:016x}" for h in latent["hashes"][own]],
            "class": [CLASSES[k] for k in latent["labels"][own]],
            "prediction": [CLASSES[k] for k in latent["posterior"][own].argmax(1)],
            "confidence": confidence.tolist(),
            "bits_per_dim": bits.tolist(),
        }
        columns = {key: columns.get(key, []) + values for key, values in part.items()}
    return csv_bytes(columns)


def _answers(checkpoint: Checkpoint, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of test images: whether the model is wrong, its confidence, and bits/dim, ``(n,)`` each."""
    latent = checkpoint.latent
    posterior = latent["posterior"][rows]
    bits = ib.bits_per_dim(latent["log_prob"][rows].astype(float), state.DIMS, checkpoint.noise)
    return posterior.argmax(1) != latent["labels"][rows], posterior.max(1), bits


def _some_images(checkpoint: Checkpoint, rows: np.ndarray) -> list[np.ndarray]:
    """Images of up to :data:`SHOWN` of the test images in ``rows``: at random, since some files go by class."""
    order = np.random.default_rng(0).permutation(rows)[:400]
    found = (gallery.test_image(checkpoint.id, row) for row in order)
    return list(itertools.islice((pixels for pixels in found if pixels is not None), SHOWN))


def _mosaic(images: list[np.ndarray], columns: int) -> np.ndarray:
    """Images in rows with gaps that let the page shine through, uint8 ``(H, W, 4)``."""
    opaque = [np.dstack([p, np.full(p.shape[:2], 255, np.uint8)]).repeat(3, 0).repeat(3, 1) for p in images]
    padded = [np.pad(p, ((0, 6), (0, 6), (0, 0))) for p in opaque]
    padded += [np.zeros_like(padded[0])] * (-len(padded) % columns)
    lines = [np.concatenate(padded[i : i + columns], axis=1) for i in range(0, len(padded), columns)]
    return np.concatenate(lines)[:-6, :-6]
