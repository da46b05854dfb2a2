"""The scale of bits/dim of a model whose bits/dim explode."""

import numpy as np

from app.figures.bits_scale import FAR, MAX_BITS, BitsScale, number_text, scale_for

BAND = (4.5, 7.5)


def test_a_scale_is_logarithmic_only_where_something_is_very_far_away():
    middle, half = 6, 1.5
    assert not scale_for([middle + FAR * half, middle - FAR * half], BAND).is_log
    assert scale_for([middle, middle + 1.01 * FAR * half], BAND).is_log
    assert scale_for([middle - 1.01 * FAR * half], BAND).is_log and scale_for([np.inf]).is_log
    assert BitsScale(BAND).place([5, 1e13]).tolist() == [5, 1e13]


def test_the_band_stays_as_it_is_and_a_decade_outside_takes_half_of_it():
    scale = BitsScale(BAND, is_log=True)
    assert np.allclose(scale.place([4.5, 5, 6, 7.5]), [4.5, 5, 6, 7.5])
    assert np.allclose(scale.place([6 + 1.5e1, 6 + 1.5e13, 6 - 1.5e2]), [6 + 1.5 * 2, 6 + 1.5 * 14, 6 - 1.5 * 3])
    values = np.concatenate([-np.logspace(20, -2), np.logspace(-2, 20)])
    assert (np.diff(scale.place(values)) > 0).all()  # who is farther is drawn farther


def test_infinite_bits_stay_finite_on_the_axis():
    scale = BitsScale(BAND, is_log=True)
    assert np.isfinite(scale.place([np.inf, -np.inf])).all()
    assert scale.place(np.inf) == scale.place(MAX_BITS) > scale.place(3e38)


def test_numbers_are_written_as_people_read_them():
    assert [number_text(b) for b in (3, -0.126, 99999.5)] == ["3.00", "-0.13", "99999.50"]
    assert [number_text(b) for b in (1.5e13, -2e6, np.inf)] == ["1.5 · 10¹³", "-2.0 · 10⁶", "inf"]
