"""Small families of other data sets than CIFAR-10: untrained models with all that pages show of them."""

from pathlib import Path

from checkpoint_helpers import fake_umap
from flow_helpers import randomise, seeded
from shape_helpers import labelled, small_flow

from ibinn_core import checkpoint
from ibinn_core.checkpoint import describe_dataset
from ibinn_core.data import DATASETS, Dataset
from ibinn_core.data.images import to_pillow, to_unit
from ibinn_core.evaluation import encode_images, latent_views
from ibinn_core.evaluation.latent_views import latent_arrays
from ibinn_core.models.objectives import Objective
from ibinn_core.training import TrainingConfig
from ibinn_core.training.export import card_of

GAMMAS = {"only-lx": 0.0, "gamma-0.02": 0.02, "gamma-1": 1.0}
SHAPES = Dataset(
    "my-shapes", "My shapes", ("disc", "ring", "square"), image_shape=(3, 16, 16), mean=(0.5,) * 3, std=(0.25,) * 3
)
DIGITS, HUNDRED = DATASETS["mnist"], DATASETS["cifar100"]


def build_family(folder: Path, dataset: Dataset, monkeypatch) -> None:
    """Models of a data set at each of :data:`GAMMAS`, in ``folder``."""
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    count = max(120, 3 * dataset.num_classes)
    images, labels = labelled(count, dataset.image_shape, dataset.num_classes)
    for number, (name, gamma) in enumerate(GAMMAS.items()):
        architecture = small_flow(dataset.image_shape).for_images(dataset.image_shape, dataset.mean, dataset.std)
        training = TrainingConfig(objective=Objective("ib", gamma), architecture=architecture)
        model = randomise(training.new_model(dataset.num_classes).eval(), seeded(number))
        model.fit(to_unit(images))
        model.requires_grad_(False)
        seen = encode_images(model, images)
        arrays = latent_arrays(model.class_means.numpy(), images, labels, seen, seen, labels, seen.log_prob[:40])
        config = {
            "training": training.to_dict(),
            "num_classes": dataset.num_classes,
            "budget": {},
            "ancestry": [],
            "data": {**describe_dataset(dataset), "training_images": count, "test_images": count},
        }
        target = folder / f"{dataset.id_prefix}{name}"
        checkpoint.write_checkpoint(target, model, config, card_of(model, images, labels, seen), arrays)


def write_images(folder: Path, dataset: Dataset, a_class: int = 25) -> None:
    """A folder of images of a data set's classes, each class with its own brightness."""
    images, labels = labelled(a_class * dataset.num_classes, dataset.image_shape, dataset.num_classes)
    for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        (folder / dataset.classes[label]).mkdir(parents=True, exist_ok=True)
        to_pillow(pixels).save(folder / dataset.classes[label] / f"{number}.png")
