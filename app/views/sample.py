"""Samples of each class (Figs. 8 and 14)."""

import streamlit as st

from app.figures.tiles import tiles_style
from app.glossary import explained
from app.models import registry
from app.models.decoding import count_for, samples
from app.models.pickers import pick_models
from app.sampling.grid import ABOVE_GRID, LARGEST, places_of, say_outside, show_grid
from app.sampling.judgement import judge, judge_at_once
from app.sampling.settings import pick_settings
from app.sampling.tile import chosen_tile
from app.widgets.markdown import show_what_to_look_for


def main() -> None:
    """The page."""
    st.markdown(
        "#### Sample: what a model thinks a class looks like", help=explained("sample", "latent", "mixture", "ResNet")
    )
    picked = pick_models()
    chosen, is_alone = picked.models, len(picked.models) == 1
    settings, classes = pick_settings(picked.focus)
    names, count = [chosen[0].classes[k] for k in classes], count_for(len(chosen))
    ring = chosen_tile(names, count)
    st.html(tiles_style("samples-", names, [""] * count, LARGEST, ABOVE_GRID if is_alone else None))
    places, beside = places_of(len(chosen), ring is not None)
    with places[0]:
        above = st.container()
        with st.spinner("Sampling …", show_time=True):
            drawn = samples([settings.source(c) for c in chosen], classes, settings.seed, count)
    with above:
        say_outside(drawn)
    keys, said = [f"samples-{index}" for index in range(len(chosen))], []
    for key, checkpoint, some, place in zip(keys, chosen, drawn, places, strict=True):
        with place:
            live = settings if checkpoint.id == picked.focus.id else None
            show_grid(key, checkpoint, some, classes, ring, is_alone=is_alone, live=live)
        with place if not is_alone else st.container():  # what is said of them is not on stage
            said.append(st.container())
    show_what_to_look_for(
        "Latents drawn from a Gaussian around one class's centre, which guidance moves away from the average of all "
        "centres, and sent back through the network (the paper's Figs. 8 and 14). "
        "The first samples of all classes share their noise, as do the second ones, and so on: among those only the "
        "class differs."
        + (
            " Move the slider: a small γ gives samples that resemble images; under a large γ most values leave the "
            "range that pixels can show."
            if len(registry.over_gamma()) > 1
            else ""
        ),
        "How much of a class is there: its colours, its shape, or nothing that you could name? Then draw from the "
        "model's own mixture: if the samples get worse, the images do not lie where the mixture says, and the network "
        "decodes places that it hardly saw in training. "
        "Click a sample: does each model recognise what it drew there itself, and does a ResNet? Click again to clear "
        "the choice.",
    )
    # Last, when all pictures are shown: judging them takes as long as drawing them.
    with said[0], st.spinner("Judging …"):
        judge_at_once(list(zip(chosen, drawn, strict=True)))
    for key, checkpoint, some, place in zip(keys, chosen, drawn, said, strict=True):
        with place:
            judge(key, checkpoint, some, classes, ring, settings, beside)


main()
