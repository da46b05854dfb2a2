"""What a stored model holds, computed from its config alone, is what the built model holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibinn_core.layers import Alignment
from ibinn_core.models.architecture import PRESETS, FlowConfig
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.objectives import Objective
from ibinn_core.models.shapes import TRUTH, WHOLE, stored_shapes

OBJECTIVES = {
    "ib-inn": Objective(),
    "vib": Objective("vib", 1.0),
    "resnet": Objective("cross-entropy", None),
    "i-revnet": Objective("cross-entropy", None),
}


@st.composite
def architectures(draw):
    """Small architectures of every kind that can be built."""
    channels, side, levels = draw(st.integers(1, 4)), draw(st.sampled_from([8, 16])), draw(st.integers(1, 3))
    width = side * draw(st.sampled_from([1, 2]))
    return FlowConfig(
        image_shape=(channels, side, width),
        mean=(0.5,) * channels,
        std=(0.25,) * channels,
        whitening=draw(
            st.sampled_from([(), ("cosine",), ("pixel",), ("marginal",), ("conditional",), ("cosine", "pixel")])
        ),
        whitening_shifts=draw(st.sampled_from([(), (0, 4)])),
        whitening_block=draw(st.sampled_from([4, 8])),
        squeeze_input=channels == 1 or draw(st.booleans()),
        blocks=tuple(draw(st.integers(0, 2)) for _ in range(levels)),
        widths=tuple(draw(st.integers(2, 6)) for _ in range(levels)),
        downsampling=draw(st.sampled_from(["coupling", "squeeze"])),
        fc_blocks=draw(st.integers(0, 2)),
        fc_width=draw(st.integers(2, 6)),
        scaling=draw(st.sampled_from(["fixed", "actnorm"])),
        dct=width == side and draw(st.booleans()),
    )


def check(config: TrainingConfig, num_classes: int) -> None:
    state = config.new_model(num_classes).state_dict()
    shapes, alignment = stored_shapes(config, num_classes)
    assert shapes == {name: tuple(value.shape) for name, value in state.items()}
    for name, value in state.items():
        assert value.is_floating_point() == (not name.endswith(WHOLE + TRUTH)), name
        assert (value.dtype.is_signed, value.element_size()) == (False, 1) or not name.endswith(TRUTH)
    if config.model == "ib-inn":
        layer = Alignment(num_classes, config.architecture.dims).state_dict()
        assert alignment == {f"alignment.{name}": tuple(value.shape) for name, value in layer.items()}
    else:
        assert alignment == {}


@pytest.mark.parametrize("kind", OBJECTIVES)
@pytest.mark.parametrize("preset", PRESETS)
def test_the_shapes_of_every_preset_are_those_of_the_built_model(kind, preset):
    check(TrainingConfig(model=kind, objective=OBJECTIVES[kind], architecture=PRESETS[preset]), 10)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(architectures(), st.sampled_from(list(OBJECTIVES)), st.integers(2, 12))
def test_the_shapes_of_any_architecture_are_those_of_the_built_model(architecture, kind, num_classes):
    check(TrainingConfig(model=kind, objective=OBJECTIVES[kind], architecture=architecture), num_classes)


@pytest.mark.parametrize(
    "changes, num_classes, reason",
    [
        ({"whitening_shifts": (0,), "whitening_block": 5}, 10, "do not tile"),
        ({"image_shape": (1, 8, 8), "mean": (0.5,), "std": (0.5,), "squeeze_input": False}, 10, "two channels"),
        ({"image_shape": (3, 4, 4), "blocks": (1,), "widths": (2,)}, 49, "49 classes do not fit into 48 dimensions"),
    ],
)
def test_what_cannot_be_built_is_refused_before_it_is_built(changes, num_classes, reason):
    config = TrainingConfig(architecture=FlowConfig(**{"blocks": (1, 1), "widths": (2, 2), **changes}))
    with pytest.raises(ValueError, match=reason):
        stored_shapes(config, num_classes)
    with pytest.raises(ValueError):
        config.new_model(num_classes)
