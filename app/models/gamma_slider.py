"""The slider of γ, from generative to discriminative, with the measured numbers at its position."""

from collections.abc import Callable

from app import state
from app.inference.slider import slider_data
from app.models.names import name_of
from app.widgets.component import SLIDER, custom_component
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import Family, plain_gamma


def gamma_slider(
    family: Family,
    gamma: float,
    key: str,
    choose: Callable[[float], None],
    *,
    only_ticks: bool = False,
    off: Checkpoint | None = None,
) -> None:
    """Shows the slider at ``gamma``; it snaps to the γ of a trained model nearby.

    The numbers come from the measured curve, interpolated between its points like
    :meth:`ibinn_core.weight_space.Family.point`. For a family without a curve, they come from the models' cards.

    Arguments:
        family: the family whose trained models are the ticks.
        gamma: from the smallest trained γ to the largest; a new value moves the slider.
        key: the widget's key.
        choose: called with the chosen γ before the page runs again.
        only_ticks: whether the slider stops only at trained models.
        off: a model outside the slider that the page shows until the user moves the slider.
    """
    data = slider_data(family)
    if only_ticks:
        data["mixes"] = [False] * len(data["mixes"])
    for tick, member in zip(data["ticks"], family.members, strict=True):
        tick["measures"] = _measures(member)
    if off is not None:
        data["off"] = {"name": name_of(off), **_measures(off)}

    def chosen() -> None:
        value = state.from_component(key, "gamma", state.GAMMA.parse, None)
        if value is not None:
            choose(value)

    custom_component("gamma_slider", SLIDER)(
        key=key, data={"gamma": plain_gamma(gamma), **data}, on_gamma_change=chosen
    )


def _measures(checkpoint: Checkpoint) -> dict[str, float]:
    """The numbers beside the slider, from a model's card."""
    return {"error": checkpoint.card["error"], "bits": checkpoint.card["bits_per_dim"]["mean"]}
