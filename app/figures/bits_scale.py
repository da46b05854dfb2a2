"""The scale of bits/dim in figures: linear, or logarithmic outside the typical band if values are extreme."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FAR = 50  # largest distance from the band's middle on a linear axis, in half widths of the band
MAX_BITS = 1e39  # position of infinite values in bits/dim: more than single precision holds
HUGE = 1e6  # larger numbers are written with a power of ten
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class BitsScale(NamedTuple):
    """An axis of bits/dim: linear, or logarithmic outside the typical band."""

    band: tuple[float, float] = (-1.0, 1.0)  # lowest and highest typical value
    is_log: bool = False

    @property
    def middle(self) -> float:
        """The middle of the band."""
        return sum(self.band) / 2

    @property
    def half(self) -> float:
        """Half the width of the band."""
        return (self.band[1] - self.band[0]) / 2

    def place(self, values: npt.ArrayLike) -> np.ndarray:
        """The positions of values. On a logarithmic scale, ten times the distance from the middle adds half a band."""
        values = np.asarray(values, np.float64)
        if not self.is_log:
            return values
        distance = (np.clip(values, -MAX_BITS, MAX_BITS) - self.middle) / self.half
        beyond = np.sign(distance) * (1 + np.log10(np.maximum(np.abs(distance), 1)))
        return self.middle + self.half * np.where(np.abs(distance) <= 1, distance, beyond)

    def ticks(self, low: float, high: float, apart: float) -> tuple[list[float], list[str]]:
        """The positions and labels of a logarithmic scale's ticks: the band's edges, and powers of ten outside it.

        If two ticks are closer than the share ``apart`` of the axis, one is dropped, preferably the band's lower edge.
        """
        first = int(np.ceil(np.log10(np.abs(self.band).max())))
        wanted = [(self.band[1], f"{self.band[1]:.3g}")]
        for sign in (1, -1):
            wanted += [
                (float(self.place(sign * 10.0**power)), "-" * (sign < 0) + power_of_ten(power))
                for power in range(first, 40)
                if sign * 10.0**power > self.band[1] or sign * 10.0**power < self.band[0]
            ]
        wanted.append((self.band[0], f"{self.band[0]:.3g}"))
        kept: list[tuple[float, str]] = []
        for place, text in wanted:
            if low <= place <= high and all(abs(place - other) >= apart * (high - low) for other, _ in kept):
                kept.append((place, text))
        return [place for place, _ in kept], [text for _, text in kept]


def scale_for(values: npt.ArrayLike, band: tuple[float, float] = (-1.0, 1.0)) -> BitsScale:
    """The scale for values: logarithmic outside the band if any is more than ``FAR`` half bands from the middle."""
    plain = BitsScale(band)
    return BitsScale(band, bool(np.any(np.abs(np.asarray(values) - plain.middle) > FAR * plain.half)))


def power_of_ten(power: int) -> str:
    """A power of ten as text: in full up to 1000, then in the form 10⁴."""
    return f"{10**power}" if 0 <= power < 4 else f"10{str(power).translate(_HIGH)}"


def number_text(number: float, form: str = ".2f") -> str:
    """A formatted number; a huge one has a power of ten, such as 1.5 · 10¹³."""
    if not HUGE <= abs(number) < np.inf:
        return f"{number:{form}}"
    digits, power = f"{number:.1e}".split("e")
    return f"{digits} · 10{str(int(power)).translate(_HIGH)}"
