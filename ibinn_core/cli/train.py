"""``train``: trains a model."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..models.kinds import DEFAULT, KINDS, TRAINED_HERE, WITH_GAMMA
from .arguments import Commands, gamma, noise

if TYPE_CHECKING:
    from ..data import Dataset
    from ..models.config import TrainingConfig
    from ..models.flow import FlowConfig


MOST_BYTES = 2**20  # of a config


def add(commands: Commands) -> None:
    train = commands.add_parser("train", help="train a model", description="Train a model. Its state lives in --out.")
    loss = train.add_mutually_exclusive_group()
    loss.add_argument("--gamma", type=gamma, help="γ of the IB loss (0: only L_X, inf: only L_Y) and the VIB's; else 1")
    loss.add_argument(
        "--objective",
        choices=["class-nll", "class-nll-regularized"],
        help="train with this loss instead of the IB loss",
    )
    train.add_argument("--model", choices=TRAINED_HERE, default=DEFAULT, help="an IB-INN, or a competitor of Table 1")
    train.add_argument("--out", type=Path, required=True, help="folder of the training's state")
    train.add_argument(
        "--config", type=Path, help="JSON file with the whole TrainingConfig, in place of the options that describe one"
    )
    train.add_argument("--resume", action="store_true", help="continue from the state in --out, if there is one")
    train.add_argument("--init", help="checkpoint or training folder to start the weights from")
    train.add_argument(
        "--preset",
        help="cpu, digits, grids or paper; if not given that of --init, else digits for both MNISTs, else cpu",
    )
    train.add_argument("--data", default="cifar10", help="name of the data set, or path of a folder of images")
    train.add_argument("--side", type=int, help="of the images of a folder in pixels; 32 if not given")
    train.add_argument("--channels", type=int, help="of the images of a folder; 1 if all files are grey, else 3")
    train.add_argument("--noise", type=noise, default="uniform", help="'uniform', or sigma of Gaussian noise")
    train.add_argument("--epochs", type=float, default=8)
    train.add_argument("--batch-size", type=int, default=128)
    train.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
    train.add_argument("--warmup", type=float, default=0.1, help="share of the steps that warm up")
    train.add_argument("--decay", type=float, default=1.0, help="share of the other steps in which the rate falls")
    train.add_argument(
        "--shift",
        type=int,
        help="pixels that training images are moved by; if not given, 2 for both MNISTs, else 3",
    )
    train.add_argument(
        "--flip",
        action=argparse.BooleanOptionalAction,
        help="mirror half of the training images; as it suits the data set if not given",
    )
    train.add_argument(
        "--held-out",
        type=int,
        metavar="IMAGES",
        help="training images to validate on; 1000 if not given, of a folder a tenth at most",
    )
    train.add_argument("--learn-weights", action="store_true", help="learn the class weights too (Appendix B)")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--precision", choices=["auto", "bf16", "fp32"], default="auto")
    train.add_argument("--save-every", type=int, default=200, metavar="STEPS")
    train.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from ..training import Trainer
    from ..training.images import describe_images, load_images
    from ..training.state import FILE
    from ..training.warm_start import warm_start

    config = _config_from_file(options.config) if options.config else _config_from(options)
    exists = (options.out / FILE).exists()
    if exists and not options.resume:
        raise ValueError(f"{options.out} already holds a training: continue it with --resume or name another folder")
    images, labels = load_images(config, "train")
    classes = describe_images(config).num_classes
    init = warm_start(config.init) if config.init and not exists else None
    trainer = Trainer(config, images, labels, options.out, init, options.precision, options.save_every, classes)
    if exists:
        trainer.resume()
    trainer.run()


def _config_from(options: argparse.Namespace) -> "TrainingConfig":
    from ..models.config import TrainingConfig
    from ..models.objectives import Objective

    name = options.objective or KINDS[options.model].objectives[0]
    default = 1.0 if name in WITH_GAMMA else None
    objective = Objective(name, options.gamma if options.gamma is not None else default)
    dataset = _dataset(options)
    preset, shift = _usual(dataset)
    architecture = _architecture(options.preset, preset, options.init, dataset)
    channels, side, _ = architecture.image_shape
    if (options.side or side, options.channels or channels) != (side, channels):
        raise ValueError(
            f"--side or --channels differs from the {side} x {side} pixels and {channels} channels of the weights in "
            f"{options.init}: leave them out, or start from nothing"
        )
    return TrainingConfig(
        model=options.model,
        objective=objective,
        architecture=architecture,
        noise=options.noise,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.lr,
        warmup=options.warmup,
        decay=options.decay,
        shift=shift if options.shift is None else options.shift,
        flip=dataset.flip if options.flip is None else options.flip,
        learn_weights=options.learn_weights,
        held_out=_held_out(options, dataset, architecture),
        seed=options.seed,
        dataset=_place_of_images(options.data),
        init=_place(options.init),
    )


def _dataset(options: argparse.Namespace) -> "Dataset":
    """What the data set is, its images scaled as they are asked for."""
    from .. import data
    from ..data.datasets import is_registered
    from ..data.images import DEFAULT_SIDE

    if is_registered(options.data) and (options.side is not None or options.channels is not None):
        raise ValueError(f"--side and --channels are for folders of images: those of {options.data} are what they are")
    return data.describe(options.data, DEFAULT_SIDE if options.side is None else options.side, options.channels)


def _usual(dataset: "Dataset") -> tuple[str, int]:
    """The preset, and the pixels that images are moved by, for a data set's images where nobody says otherwise."""
    from ..models.config import TrainingConfig
    from ..training.recipe import PLANS

    plan = PLANS.get(dataset.name)  # no folder has the name of a data set
    if plan and plan.preset == "digits":
        return plan.preset, plan.shift
    return "cpu", TrainingConfig.shift


def _held_out(options: argparse.Namespace, dataset: "Dataset", architecture: "FlowConfig") -> int:
    """How many training images are kept to validate on: of a person's folder, which may be small, not too many."""
    from .. import data
    from ..models.config import TrainingConfig

    if options.held_out is not None:
        return options.held_out
    if dataset.fingerprint is None:
        return TrainingConfig.held_out
    channels, side, _ = architecture.image_shape
    count = len(data.load(options.data, "train", side, channels)[0])
    return min(TrainingConfig.held_out, max(10, count // 10))


def _architecture(name: str | None, usual: str, init: str | None, dataset: "Dataset") -> "FlowConfig":
    """The preset as the images allow it; without one the architecture of the weights to start from, else the usual."""
    from ..models.flow import preset
    from ..training.warm_start import architecture_of

    if init and not name:
        return architecture_of(init)
    return preset(name or usual).for_images(dataset.image_shape, dataset.mean, dataset.std)


def _place_of_images(source: str) -> str:
    """A data set's name as it is; a folder of images by a path that does not depend on where one is."""
    from ..data.copies import image_folder
    from ..data.datasets import is_registered

    return source if is_registered(source) else str(image_folder(source))


def _place(source: str | None) -> str | None:
    """An id as it is; a folder by a path that does not depend on where the training is continued or exported."""
    from ..checkpoint import folders

    if source is None or any((folder / source).is_dir() for folder in folders()) or not Path(source).is_dir():
        return source
    return str(Path(source).resolve())


def _config_from_file(path: Path) -> "TrainingConfig":
    from ..files import UnreadableError, read_bytes
    from ..models.config import TrainingConfig

    try:
        return TrainingConfig.from_dict(json.loads(read_bytes(path, MOST_BYTES).decode("utf-8")))
    except UnreadableError as error:
        raise ValueError(f"{path} does not hold the config of a training: it {error}.") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} does not hold the config of a training ({error}): mend it or name another."
        ) from error
