"""What an exported file says of the models that its numbers are of."""

import math

import ibinn_core as ib
from app.models.origin import origin, origins


def test_the_models_of_a_file_are_told_with_their_gamma_and_data_set():
    models = [next(c for c in ib.checkpoints() if c.id == id) for id in ("gamma-1", "only-ly", "resnet")]
    assert [origin(c)["gamma"] for c in models] == [1.0, math.inf, ""]
    arrays = origins(models)
    assert arrays["models"].tolist() == ["gamma-1", "only-ly", "resnet"] and str(arrays["data_set"]) == "cifar10"
    assert arrays["gammas"][:2].tolist() == [1.0, math.inf] and math.isnan(arrays["gammas"][2])
    assert all(values.dtype.kind in "Uf" for values in arrays.values())  # so that no pickle is needed to read them
