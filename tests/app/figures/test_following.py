"""What of a figure follows γ, as a browser gets it."""

import base64

import numpy as np

from app.figures.following import Following, as_data


def test_numbers_travel_in_sixteen_bits():
    values = np.array([[0.5, -2.0], [1.0, 2.0]])
    data = as_data(Following({"dots": {"x": values}, "picture": {"y": values[:, 0]}}))
    track, one = data["moving"]["dots"]["x"], data["moving"]["picture"]["y"]
    whole = np.frombuffer(base64.b64decode(track["values"]["bdata"]), "<i2")
    np.testing.assert_allclose(whole.reshape(2, 2) * track["scale"], values, atol=1e-4)
    assert data["places"] == 2 and one["single"] and "single" not in track
