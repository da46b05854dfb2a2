"""How posterior and bits/dim run along the paths."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.drawn import bits_figure, posterior_figure
from app.figures.interpolation import key_of
from app.figures.layout import config
from app.images.pictures import Picture
from app.models.names import name_of
from app.models.origin import image_origin, origin
from app.models.predictions import at_once, predict
from app.models.summary import caveat_of
from app.palette import legend_html
from app.walks.paths import Walk
from app.widgets.export_menu import csv_bytes, offer
from app.widgets.figure import show_figure
from ibinn_core.checkpoint import Checkpoint


def show_curves(walked: Walk, others: Sequence[Checkpoint], title: str) -> None:
    """Both along each path; ``others`` have no path of their own and judge the images of the first."""
    with st.spinner("Asking …", show_time=True):
        at_once([(c.id, walked.images[0]) for c in others])
        answers = [predict(c.id, walked.images[0]).posterior for c in others]
    for caveat in filter(None, dict.fromkeys(map(caveat_of, walked.models))):
        st.caption(caveat)
    every = np.stack([*walked.posterior, *answers])
    key = key_of(every, walked.classes)
    posterior_column, bits_column = st.columns(2, gap="medium")
    with posterior_column:
        st.html(legend_html([name for name, _ in key], [color for _, color in key]))
        show_figure(
            posterior_figure(
                walked.positions,
                every,
                [*walked.names, *(f"{name_of(c)},<br>images of {walked.names[0]}" for c in others)],
                classes=walked.classes,
            ),
            "posterior",
            config=config(),
            alt="Posterior class probabilities along the path, one row per model.",
        )
    with bits_column:
        show_figure(
            bits_figure(
                walked.positions,
                walked.bits,
                walked.names,
                walked.colors,
                [c.card["bits_per_dim"]["median"] for c in walked.models],
                "position on the path",
                ".0%",
            ),
            "bits",
            config=config(),
            alt="Bits per dimension along the path, one line per model.",
        )
        st.caption("Dotted: the median test image under the same model.")
    offer(
        "interpolation-curves",
        chart=("posterior", "bits"),
        title=title,
        legend=[("■", color, name) for name, color in key],
    )


def curves_csv(walked: Walk, first: Picture, second: Picture) -> bytes:
    """Posterior and bits/dim along every path, a row for each image."""
    of_images = image_origin(first.pixels, "from") | image_origin(second.pixels, "to")
    return csv_bytes(
        *(
            {
                "model": path.model.id,
                "path": path.kind,
                "position": walked.positions,
                "bits_per_dim": bits,
                **{f"posterior_{name}": posterior[:, k] for k, name in enumerate(walked.classes)},
                **origin(path.model),
                **of_images,
            }
            for path, bits, posterior in zip(walked.paths, walked.bits, walked.posterior, strict=True)
        )
    )
