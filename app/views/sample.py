"""Samples of each class (Figs. 8 and 14)."""

import numpy as np
import streamlit as st

import ibinn_core as ib
from app import gallery, state
from app.carry import offer_carry
from app.downloads import npz_bytes, offer, png_bytes
from app.figures.bars import posterior_bars
from app.figures.layout import config
from app.figures.palette import CLASSES
from app.figures.tiles import tiles_canvas, tiles_figure
from app.point import selected_rows
from ibinn_core.images import to_url

CENTERS = {"Centre of the class's images": "empirical", "Mean μ of the class": "mean"}
UNITS = ("measured spread", "mixture")


@st.cache_data(show_spinner=False, max_entries=64)
def draw(checkpoint_id: str, classes: tuple[int, ...], count: int, temperature: float, center: str, seed: int):
    """Samples, uint8 ``(classes, count, 32, 32, 3)``, and what the model says of them."""
    import torch

    model = state.model(checkpoint_id)
    repeated = torch.tensor(classes).repeat_interleave(count)
    x = model.sample(repeated, temperature, center, torch.Generator().manual_seed(seed))
    images = ib.to_uint8(x.nan_to_num(0.5).clamp(-1, 2))
    return images.reshape(len(classes), count, 32, 32, 3), state.opinion(checkpoint_id, images)


def show_one(checkpoint, pixels: np.ndarray, drawn: int, opinions: state.Opinion, index: int) -> None:
    """A sample that was clicked, as the model sees it, and the way to other pages."""
    picture, bars, words = st.columns([1, 2.4, 1.6], gap="medium", vertical_alignment="center")
    with picture:
        gallery.show_image(pixels, f"Sample {index + 1} of {state.name_of(checkpoint)}, drawn as {CLASSES[drawn]}")
    with bars:
        st.plotly_chart(
            posterior_bars(opinions.posterior[index], drawn),
            config={"displayModeBar": False},
            key=f"one-{checkpoint.id}",
            alt="Posterior of the sample: " + state.top_classes(opinions.posterior[index]).replace("<br>", ", "),
        )
    with words:
        st.markdown(
            f"Drawn as **{CLASSES[drawn]}**; shown the picture, the model says "
            f"**{CLASSES[opinions.posterior[index].argmax()]}**, at {opinions.bits[index]:.2f} bits/dim."
        )
        offer_carry(f"own-{to_url(pixels)}", f"carry-{checkpoint.id}")


st.markdown("#### Sample: what each model thinks a class looks like")
chosen = state.pick_models()
picked = st.pills(
    "Classes",
    CLASSES,
    selection_mode="multi",
    default=["airplane", "car", "frog", "horse", "ship"],
    key="classes",
    bind="query-params",
    wrap=True,
    help="Each class is a row.",
)
if not picked:
    st.info("Choose at least one class.", icon=":material/touch_app:")
    st.stop()
columns = st.columns([1.5, 1.5, 1.1, 0.7], vertical_alignment="bottom")
with columns[0]:
    temperature = st.slider(
        "Temperature",
        0.0,
        1.2,
        0.7,
        0.05,
        key="temperature",
        bind="query-params",
        help="Deviation of the drawn latents from the centre, in the units beside; less stays nearer to it.",
    )
with columns[1]:
    center = CENTERS[
        st.selectbox(
            "Around",
            list(CENTERS),
            key="center",
            bind="query-params",
            help="The mean of the training images' latents of that class (Appendix D), or the learned mean μ.",
        )
    ]
with columns[2]:
    unit = st.selectbox(
        "In units of the",
        UNITS,
        key="unit",
        bind="query-params",
        help="How far the images' latents really spread around their class's centre, or the mixture's 1.",
    )
with columns[3]:
    seed = st.number_input(
        "Seed", 0, 9999, 0, key="seed", bind="query-params", help="The same seed draws the same noise."
    )

classes = tuple(CLASSES.index(name) for name in CLASSES if name in picked)
COUNT = 10
for checkpoint in chosen:
    spread = float(checkpoint.latent["spread"])
    effective = temperature * (spread if unit == UNITS[0] else 1.0)
    with st.spinner(f"Sampling from {state.name_of(checkpoint)} …", show_time=True):
        images, opinions = draw(checkpoint.id, classes, COUNT, round(effective, 4), center, int(seed))
    card = checkpoint.card
    st.markdown(
        f"**{state.name_of(checkpoint)}**: test error {card['error']:.1%}, "
        f"{card['bits_per_dim']['mean']:.2f} bits/dim; "
        f"latents drawn with deviation {effective:.2f}, measured spread {spread:.2f}"
    )
    bits, posterior = opinions.bits, opinions.posterior
    hover = [
        [
            f"drawn as {CLASSES[k]}<br>{bits[row * COUNT + i]:.2f} "
            f"bits/dim<br>{state.top_classes(posterior[row * COUNT + i])}"
            for i in range(COUNT)
        ]
        for row, k in enumerate(classes)
    ]
    key = f"samples-{checkpoint.id}"
    st.plotly_chart(
        tiles_figure(images, [CLASSES[k] for k in classes], [""] * COUNT, hover, tile=70),
        config=config(key),
        key=key,
        on_select="rerun",
        selection_mode="points",
        alt=f"Samples of {', '.join(CLASSES[k] for k in classes)} from {state.name_of(checkpoint)}.",
    )
    one = selected_rows(st.session_state.get(key))
    if one and one[0] < len(classes) * COUNT:
        show_one(checkpoint, images.reshape(-1, 32, 32, 3)[one[0]], classes[one[0] // COUNT], opinions, one[0])
    intended = np.repeat(classes, COUNT)
    clipped = float(((images == 0) | (images == 255)).mean())
    agree = float((posterior.argmax(1) == intended).mean())
    st.caption(
        f"Shown these pictures, the model names the class it drew them from in {agree:.0%} of cases, "
        f"at {np.median(bits):.2f} bits/dim in the median; its test images stand at "
        f"{card['bits_per_dim']['median']:.2f}. {clipped:.0%} of the pixel values are black or white "
        "because they were clipped."
    )
    offer(
        f"samples-{checkpoint.id}-seed-{int(seed)}",
        png=lambda images=images: png_bytes(tiles_canvas(images), 2),
        npz=lambda images=images, bits=bits, posterior=posterior: npz_bytes(
            images=images, classes=np.array(classes), bits_per_dim=bits, posterior=posterior
        ),
    )

st.markdown("##### What to look for")
st.markdown(
    "Latents drawn around one class's centre and sent back through the network (the paper's Figs. 8 and 14). After "
    "their short training these models draw colours and layout, a sky, a ground, something dark in the middle, but no "
    "objects. A small γ stays within what images look like; a large γ overdraws what tells its classes apart and runs "
    "out of the range of pixels. Switch to the mean μ: the images' latents do not lie around it, and the network "
    "decodes places that it hardly saw in training. Then switch the units to the mixture's: the latents of a large γ "
    "have contracted far below the deviation of 1 that the mixture assumes, and its samples fall apart altogether. "
    "Click a sample: does the model recognise what it drew itself?"
)
