"""``curve``: measures the models between the checkpoints of a family."""

import argparse

from .arguments import Commands


def add(commands: Commands) -> None:
    curve = commands.add_parser("curve", help="measure the models between the checkpoints of a family, at any γ")
    curve.add_argument("--data", default="cifar10", help="data set of the family, or path of a folder of images")
    curve.add_argument("--places", type=int, help="to measure at least; 21 if not given")
    curve.add_argument(
        "--keep",
        action="store_true",
        help="measure only places of models that have changed since the last curve, and those that were none of it",
    )
    curve.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import data
    from ..data.copies import name_of
    from ..evaluation.family_curve import PLACES, measure_curve
    from ..weight_space import family

    data.find(options.data)  # refuses what is no data set
    models = family(name_of(options.data))
    channels, side, _ = models.members[0].dataset.image_shape
    images, labels = data.load(options.data, "test", side, channels)
    train_images, _ = data.load(options.data, "train", side, channels)
    measure_curve(models, images, labels, train_images, at_least=options.places or PLACES, keep=options.keep)
    print(models.curve_path)
