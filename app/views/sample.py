"""Samples of each class (Figs. 8 and 14)."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import state
from app.figures.layout import config
from app.figures.palette import CLASSES
from app.figures.tiles import tiles_figure

CENTERS = {"μ of the class": "mean", "Centre of its images": "empirical"}


@st.cache_data(show_spinner=False, max_entries=64)
def draw(checkpoint_id: str, classes: tuple[int, ...], count: int, temperature: float, center: str, seed: int):
    """Samples, uint8 ``(classes, count, 32, 32, 3)``, and what the model says of them."""
    import torch

    model = state.model(checkpoint_id)
    repeated = torch.tensor(classes).repeat_interleave(count)
    x = model.sample(repeated, temperature, center, torch.Generator().manual_seed(seed))
    images = ib.to_uint8(x.nan_to_num(0.5).clamp(-1, 2))
    return images.reshape(len(classes), count, 32, 32, 3), state.opinion(checkpoint_id, images)


st.markdown("#### Sample: what each model thinks a class looks like")
chosen = state.pick_models()
columns = st.columns([2, 2, 1.6, 1, 1.2], vertical_alignment="bottom")
with columns[0]:
    picked = st.pills(
        "Classes",
        CLASSES,
        selection_mode="multi",
        default=["airplane", "car", "frog", "horse", "ship"],
        key="classes",
        bind="query-params",
        help="Each class is a row.",
    )
with columns[1]:
    temperature = st.slider(
        "Temperature",
        0.0,
        1.2,
        0.7,
        0.05,
        key="temperature",
        bind="query-params",
        help="Deviation of the drawn latents from the centre. 1 is what the mixture says; less stays nearer to it.",
    )
with columns[2]:
    center = CENTERS[
        st.segmented_control(
            "Around",
            list(CENTERS),
            default="Centre of its images",
            required=True,
            key="center",
            bind="query-params",
            help="The learned mean μ, or the mean of the training images' latents of that class (Appendix D).",
        )
    ]
with columns[3]:
    seed = st.number_input("Seed", 0, 9999, 0, key="seed", bind="query-params", help="The same seed draws the same noise.")
with columns[4]:
    measured = st.toggle(
        "In measured units",
        key="measured",
        bind="query-params",
        help="Multiplies the temperature by how far the images' latents really spread around their class centre.",
    )

classes = tuple(CLASSES.index(name) for name in CLASSES if name in picked) or (0,)
COUNT = 10
for checkpoint in chosen:
    spread = float(checkpoint.latent["spread"])
    effective = temperature * (spread if measured else 1.0)
    with st.spinner(f"Sampling from {state.name_of(checkpoint)} …", show_time=True):
        images, opinions = draw(checkpoint.id, classes, COUNT, round(effective, 4), center, int(seed))
    card = checkpoint.card
    st.markdown(
        f"**{state.name_of(checkpoint)}** — test error {card['error']:.1%}, {card['bits_per_dim']['mean']:.2f} bits/dim; "
        f"latents drawn with deviation {effective:.2f}, measured spread {spread:.2f}"
    )
    bits, posterior = opinions.bits, opinions.posterior
    hover = [
        [
            f"drawn as {CLASSES[k]}<br>{bits[row * COUNT + i]:.2f} bits/dim<br>{state.top_classes(posterior[row * COUNT + i])}"
            for i in range(COUNT)
        ]
        for row, k in enumerate(classes)
    ]
    st.plotly_chart(
        tiles_figure(images, [CLASSES[k] for k in classes], [""] * COUNT, hover, tile=84),
        config=config(f"samples-{checkpoint.id}"),
        key=f"samples-{checkpoint.id}",
        alt=f"Samples of {', '.join(CLASSES[k] for k in classes)} from {state.name_of(checkpoint)}.",
    )
    intended = np.repeat(classes, COUNT)
    agree = float((posterior.argmax(1) == intended).mean())
    st.caption(
        f"Shown these pictures, the model names the class it drew them from in {agree:.0%} of cases, "
        f"at {np.median(bits):.2f} bits/dim in the median; its test images stand at {card['bits_per_dim']['median']:.2f}."
    )

st.markdown("##### What to look for")
st.markdown(
    "Latents drawn from one class's Gaussian and sent back through the network (the paper's Figs. 8 and 14). What a model "
    "does not draw, it does not need to tell the class. Switch between the two centres: the images' latents do not lie where "
    "μ is, and around μ the network decodes places that it hardly saw in training. At a large γ turn on measured units: the "
    "latents have contracted far below the deviation of 1 that the mixture assumes."
)
