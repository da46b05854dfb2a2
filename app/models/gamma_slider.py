"""One slider from generative to discriminative, with what the loss weighs and what was measured at each place."""

import math

from app.models.names import name_of
from app.widgets.component import own_component
from ibinn_core.site.assets import ASSETS
from ibinn_core.site.slider import plain_gamma, slider_data
from ibinn_core.weight_space import Family


def gamma_slider(family: Family, gamma: float, key: str) -> float:
    """The slider at ``gamma``, and the γ that a person chose with it, which catches that of a trained model nearby.

    The bars are the weights of the two losses, 1 / (1 + γ) and γ / (1 + γ) (Eq. 9); the numbers those of the measured
    curve, between its places interpolated as :meth:`ibinn_core.weight_space.Family.numbers` does.

    Arguments:
        family: whose trained models are the ticks.
        gamma: from the smallest trained γ to the largest; another one than last time moves the slider.
        key: of the widget.
    """
    data = {"gamma": plain_gamma(gamma), **slider_data(family, [name_of(member) for member in family.members])}
    result = own_component("gamma_slider", ASSETS / "gamma_slider")(
        key=key, data=data, default={"gamma": data["gamma"]}, on_gamma_change=lambda: None
    )
    chosen = data["gamma"] if result.gamma is None else result.gamma
    return math.inf if chosen == "inf" else float(chosen)
