"""Images that are corrupted step by step."""

import numpy as np
import pytest

import ibinn_core as ib
from app.corruption import corrupted_images
from app.figures.readings import CorruptedImages

WHITE = np.full((32, 32, 3), 255, np.uint8)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def roads(pixels) -> dict[str, CorruptedImages]:
    return {
        "rotation": corrupted_images.rotation(pixels, 54, (1.0, 0.2, 0.3)),
        "noise": corrupted_images.noise(pixels, 0.1, 3),
        "blend": corrupted_images.blend(pixels, WHITE, "white"),
    }


@pytest.mark.parametrize("name", ["rotation", "noise", "blend"])
def test_a_road_begins_with_the_image_itself_and_leads_away(pixels, name):
    corrupted = roads(pixels)[name]
    count = len(corrupted.strengths)
    assert corrupted.images.shape == (count, 32, 32, 3) and corrupted.images.dtype == np.uint8
    assert len(corrupted.labels) == len(set(corrupted.labels)) == count
    assert np.array_equal(corrupted.images[0], pixels) and corrupted.strengths[0] == 0
    change = np.abs(corrupted.images.astype(int) - pixels).mean((1, 2, 3))
    assert (np.diff(change) > -0.05).all() and change[-1] > 5


@pytest.mark.slow
@pytest.mark.parametrize("is_adaptive", [True, False])
def test_an_attack_begins_with_the_image_and_is_what_its_program_makes(is_adaptive):
    image = ib.data.sample()[0][3]
    found = corrupted_images.attack("gamma-1", image, 8, is_adaptive)
    assert np.array_equal(found.images[0], image) and found.labels[:2] == ["0/256", "1/256"]
    assert (np.abs(found.images.astype(int) - image).max((1, 2, 3)) <= 256 * found.strengths).all()
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    made = {"np": np, "ib": ib, "image": image, "model": ib.load("gamma-1"), "checkpoint": checkpoint}
    exec("\n".join(found.python).replace(f"{corrupted_images.ATTACK_STEPS})", "9)[[0, 8]]"), made)
    assert np.array_equal(made["images"], found.images[[0, 8]])


def test_roads_end_where_the_core_says(pixels):
    x = ib.to_unit(pixels[None]).numpy()
    found = roads(pixels)
    ends = {
        "rotation": ib.exploration.rotate_rgb(x, np.radians(54), (1.0, 0.2, 0.3)),
        "noise": ib.exploration.add_uniform_noise(x, 0.1, 3),
        "blend": ib.to_unit(WHITE[None]).numpy(),
    }
    for name, end in ends.items():
        assert np.array_equal(ib.to_unit(found[name].images[-1:]).numpy(), end)
