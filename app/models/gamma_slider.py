"""One slider from generative to discriminative, with the measurements at each place."""

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
    """The slider at ``gamma``; it catches the γ of a trained model nearby.

    The numbers come from the measured curve, interpolated between its places as by
    :meth:`ibinn_core.weight_space.Family.point`. A family without a curve has those of its trained models' cards.

    Arguments:
        family: whose trained models are the ticks.
        gamma: from the smallest trained γ to the largest; a new value moves the slider.
        key: of the widget.
        choose: called before the page runs again, with the γ that a person has put the slider at.
        only_ticks: whether it stops at trained models only.
        off: a model without a γ that the page shows instead of the slider's, until somebody moves the slider.
    """
    data = slider_data(family, [name_of(member) for member in family.members])
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
    """The slider's numbers from a model's card."""
    return {"error": checkpoint.card["error"], "bits": checkpoint.card["bits_per_dim"]["mean"]}
