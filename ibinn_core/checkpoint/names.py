"""The names of a checkpoint's files and of the numbers on its card."""

from ..models.kinds import KINDS

FORMAT = 1
CONFIG, WEIGHTS, CARD, HISTORY, LATENT = (
    "config.json",
    "weights.safetensors",
    "card.json",
    "history.csv",
    "latent.npz",
)
#: Numbers that every card has, by the path to them.
COMMON_NUMBERS = ("error", "calibration_top_label", "calibration_paper.ece", "confidence")
#: Numbers that the card of a model with a likelihood, and so with a mixture, has besides.
LIKELIHOOD_NUMBERS = (
    *("bits_per_dim.mean", "bits_per_dim.median", "bits_per_dim.worst"),
    *("separation", "mean_distance", "latent_spread", "mean_offset"),
)
#: Numbers that the card of an invertible model has besides.
INVERSE_NUMBERS = ("reconstruction",)
#: All of them, which an IB-INN's card has.
CARD_NUMBERS = COMMON_NUMBERS + LIKELIHOOD_NUMBERS + INVERSE_NUMBERS


def card_numbers(model: str) -> tuple[str, ...]:
    """The numbers that the card of a model of this kind must have."""
    kind = KINDS[model]
    likelihood = LIKELIHOOD_NUMBERS if kind.has_likelihood else ()
    return COMMON_NUMBERS + likelihood + (INVERSE_NUMBERS if kind.is_invertible else ())
