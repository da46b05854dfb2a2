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
COUNT = 7  # samples of a class; five classes of four models are decoded within half a second on two cores


@st.cache_data(show_spinner=False, max_entries=64)
def draw(checkpoint_id: str, classes: tuple[int, ...], temperature: float, center: str, seed: int) -> np.ndarray:
    """Samples, uint8 ``(classes, COUNT, 32, 32, 3)``."""
    import torch

    repeated = torch.tensor(classes).repeat_interleave(COUNT)
    x = state.model(checkpoint_id).sample(repeated, temperature, center, torch.Generator().manual_seed(seed))
    return ib.to_uint8(x.nan_to_num(0.5).clamp(-1, 2)).reshape(len(classes), COUNT, 32, 32, 3)


def show_samples(checkpoint, images: np.ndarray, classes: tuple[int, ...], key: str) -> None:
    """A row a class; a click chooses a sample."""
    names = [CLASSES[k] for k in classes]
    hover = [[f"drawn as {name}<br>click: what the model makes of it" for _ in range(COUNT)] for name in names]
    st.plotly_chart(
        tiles_figure(images, names, [""] * COUNT, hover, tile=70),
        config=config(key),
        key=key,
        on_select="rerun",
        selection_mode="points",
        alt=f"Samples of {', '.join(names)} from {state.name_of(checkpoint)}.",
    )


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


def recognised(opinions: state.Opinion, classes: tuple[int, ...]) -> str:
    """Of how many pictures the model names the class that it drew them from, class by class."""
    answers = opinions.posterior.argmax(1).reshape(len(classes), COUNT)
    return ", ".join(f"{CLASSES[k]} {(row == k).sum()}" for k, row in zip(classes, answers, strict=True))


def judge(checkpoint, images: np.ndarray, classes: tuple[int, ...], key: str, seed: int) -> None:
    """What the model says of the pictures that it drew: of the one that was clicked, and of all."""
    opinions = state.opinion(checkpoint.id, images.reshape(-1, 32, 32, 3))
    one = selected_rows(st.session_state.get(key))
    if one and one[0] < len(classes) * COUNT:
        show_one(checkpoint, images.reshape(-1, 32, 32, 3)[one[0]], classes[one[0] // COUNT], opinions, one[0])
    clipped = float(((images == 0) | (images == 255)).mean())
    st.caption(
        f"Of its own {COUNT} pictures of each class, the model recognises: {recognised(opinions, classes)}. "
        f"They stand at {np.median(opinions.bits):.2f} bits/dim in the median, its test images at "
        f"{checkpoint.card['bits_per_dim']['median']:.2f}. {clipped:.0%} of the pixel values are black or white "
        "because they were clipped."
    )
    offer(
        f"{key}-seed-{seed}",
        png=lambda: png_bytes(tiles_canvas(images), 2),
        npz=lambda: npz_bytes(
            images=images, classes=np.array(classes), bits_per_dim=opinions.bits, posterior=opinions.posterior
        ),
    )


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
    explanation = "The same seed draws the same noise."
    seed = int(st.number_input("Seed", 0, 9999, 0, key="seed", bind="query-params", help=explanation))

classes = tuple(CLASSES.index(name) for name in CLASSES if name in picked)
drawn = []
for checkpoint in chosen:
    spread = float(checkpoint.latent["spread"])
    effective = temperature * (spread if unit == UNITS[0] else 1.0)
    with st.spinner(f"Sampling from {state.name_of(checkpoint)} …", show_time=True):
        images = draw(checkpoint.id, classes, round(effective, 4), center, seed)
    st.markdown(
        f"**{state.name_of(checkpoint)}**: test error {checkpoint.card['error']:.1%}, "
        f"{checkpoint.card['bits_per_dim']['mean']:.2f} bits/dim; "
        f"latents drawn with deviation {effective:.2f}, measured spread {spread:.2f}"
    )
    show_samples(checkpoint, images, classes, f"samples-{checkpoint.id}")
    drawn.append((checkpoint, images, st.container()))

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

# Last, when all pictures stand: to judge them takes as long as to draw them.
for checkpoint, images, place in drawn:
    with place, st.spinner("Judging …"):
        judge(checkpoint, images, classes, f"samples-{checkpoint.id}", seed)
