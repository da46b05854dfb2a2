"""Kinds of arguments that commands share."""

import argparse

Commands = argparse._SubParsersAction  # which a command adds itself to


def gamma(text: str) -> float:
    """γ on the command line: 0, a positive number, or ``inf``."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"gamma must be 0, positive or inf, not {text}")
    return value


def noise(text: str) -> str | float:
    """Training noise on the command line: ``uniform`` or σ."""
    from ..models.preprocessing import check_noise

    try:
        return check_noise(text if text == "uniform" else float(text))
    except ValueError as error:
        message = f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {text!r}"
        raise argparse.ArgumentTypeError(message) from error
