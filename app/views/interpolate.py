"""Interpolation between two images (Fig. 9)."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.downloads import csv_bytes, npz_bytes, offer, png_bytes
from app.figures.layout import config
from app.figures.palette import CLASSES, legend_html
from app.figures.path import bits_figure, posterior_figure
from app.figures.tiles import tiles_canvas, tiles_figure, tiles_style
from app.lesson import show_lesson

LARGEST = 192  # side of a tile in CSS pixels: five steps of four models still fit on a projector


@st.cache_data(show_spinner=False, max_entries=64)
def walk(checkpoint_id: str, first: np.ndarray, second: np.ndarray, steps: int, path: str) -> np.ndarray:
    """The images along the path between two images' latents, uint8 ``(steps, 32, 32, 3)``."""
    model = state.model(checkpoint_id)
    z = model.encode(ib.to_unit(np.stack([first, second])))
    return ib.to_uint8(model.decode(ib.exploration.interpolate(z[0], z[1], steps, path)), missing=0.5)


st.markdown("#### Interpolate: a walk through latent space from one image to another")
chosen = state.pick_models()
first_column, second_column, middle, right = st.columns([1.1, 1.1, 1.6, 1.8], gap="medium", vertical_alignment="center")
with first_column:
    first = gallery.pick_image("from", "From", default=7)
with second_column:
    second = gallery.pick_image("to", "To", default=0)
with middle:
    path = st.segmented_control(
        "Path",
        ["spherical", "linear"],
        default="spherical",
        required=True,
        key="path",
        bind="query-params",
        help="Along the great circle around the origin of latent space, or straight through it.",
    )
with right:
    steps = st.slider(
        "Steps", 5, 15, 9, key="steps", bind="query-params", help="Images along the path, both ends included."
    )

names = [state.name_of(c) for c in chosen]
with st.spinner("Decoding …", show_time=True):
    images = np.stack([walk(c.id, first.pixels, second.pixels, steps, path) for c in chosen])
    opinions = [state.opinion(c.id, row) for c, row in zip(chosen, images, strict=True)]
    t = np.linspace(0, 1, steps)
    hover = [
        [
            f"{name}, {position:.0%} of the way<br>{bits:.2f} bits/dim<br>{state.top_classes(posterior)}"
            for position, bits, posterior in zip(t, o.bits, o.posterior, strict=True)
        ]
        for name, o in zip(names, opinions, strict=True)
    ]
    positions = [f"{100 * position:.3g}%" for position in t]
    st.html(tiles_style("tiles", names, positions, LARGEST))
    st.plotly_chart(
        tiles_figure(images, names, positions, hover, tile=max(58, 760 // steps)),
        config=config("interpolation"),
        key="tiles",
        alt=f"Images on the {path} path from {first.name} to {second.name}, a row each for {', '.join(names)}.",
    )


def curves() -> bytes:
    """Posterior and bits/dim along every path, a row an image."""
    bits = np.concatenate([o.bits for o in opinions])
    posterior = np.concatenate([o.posterior for o in opinions])
    return csv_bytes(
        {
            "model": [c.id for c in chosen for _ in t],
            "position": np.tile(t, len(chosen)),
            "bits_per_dim": bits,
            **{f"posterior_{name}": posterior[:, k] for k, name in enumerate(CLASSES)},
        }
    )


offer(
    "interpolation",
    png=lambda: png_bytes(tiles_canvas(images), 3),
    csv=curves,
    npz=lambda: npz_bytes(
        images=images,
        position=t,
        bits_per_dim=np.stack([o.bits for o in opinions]),
        posterior=np.stack([o.posterior for o in opinions]),
        models=np.array([c.id for c in chosen]),
    ),
)

st.markdown("##### What the models make of the images on the way")
judges = state.pick_beside()  # which have no way of their own: they are shown the first model's
with st.spinner("Asking …", show_time=True):
    judgements = [state.opinion(c.id, images[0]).posterior for c in judges]
for caveat in filter(None, map(state.caveat, chosen)):
    st.caption(caveat)
posterior_column, bits_column = st.columns(2, gap="medium")
with posterior_column:
    st.html(legend_html())
    st.plotly_chart(
        posterior_figure(
            t,
            np.stack([*(o.posterior for o in opinions), *judgements]),
            [*names, *(f"{state.name_of(c)},<br>shown {names[0]}'s" for c in judges)],
        ),
        config=config("interpolation-posterior"),
        key="posterior",
        alt="Posterior class probabilities along the path, a row a model.",
    )
with bits_column:
    typical = [c.card["bits_per_dim"]["median"] for c in chosen]
    st.plotly_chart(
        bits_figure(
            t,
            np.stack([o.bits for o in opinions]),
            names,
            state.colors_of(chosen),
            typical,
            "position on the path",
            ".0%",
        ),
        config=config("interpolation-bits"),
        key="bits",
        alt="Bits per dimension along the path, a line a model.",
    )
    st.caption("Dotted: the median test image under the same model.")

show_lesson(
    "Compare the middles of the rows (the paper's Fig. 9): on the spherical path, where latents keep their usual "
    "length, a small γ stays among images and a large γ leaves them. Then take the linear path, which cuts through "
    "the empty middle of the Gaussian.",
    "Every row starts and ends with the same two images; in between, each model decodes the latents on its own path. "
    "On the linear path the images of a small γ turn dark and *too* likely, their bits/dim far below the median test "
    "image's, and those of a large γ break up all the same. Every image is judged as you see it: clipped, in 8 bits, "
    "at its pixel centres. A classifier without a likelihood has no path of its own and judges that of the first "
    "row: does it ever hesitate between the two classes?",
)
