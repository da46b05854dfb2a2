"""Numbers and small phrases of the lessons."""


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage."""
    return f"{share:.{digits}%}".replace("%", "\u00a0%")


def grouped(number: float) -> str:
    """A whole number with its thousands set apart."""
    return f"{number:,.0f}"


def change(before: float, after: float) -> str:
    """Whether a number falls or rises, as a verb without its ending."""
    return "fall" if after < before else "rise"


def compared(scale_guess: int | None, truth: float) -> str:
    """A predicted percentage beside the measured share from 0 to 1."""
    exact = f"**{percent(truth)}**"
    if scale_guess is None:
        return f"It is {exact}."
    distance = abs(scale_guess - 100 * truth)
    praise = "very close" if distance < 5 else "not far off" if distance < 15 else "a surprise"
    return f"You said {scale_guess}\u00a0%, it is {exact}: {praise}."
