"""The commands that make models: ``train``, ``family``, ``trunk``, ``export``, and ``data``, which downloads images."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..data.datasets import DATASETS
from ..models.kinds import DEFAULT, KINDS, TRAINED_HERE, WITH_GAMMA
from .results import Commands, summary

if TYPE_CHECKING:
    from ..data import Dataset
    from ..models.config import TrainingConfig
    from ..models.flow import FlowConfig

MOST_BYTES = 2**20  # of a config


def add(commands: Commands) -> None:
    """Adds these commands."""
    for one in (_add_train, _add_family, _add_trunk, _add_export, _add_data):
        one(commands)


def _add_train(commands: Commands) -> None:
    train = commands.add_parser("train", help="train a model", description="Train a model. Its state lives in --out.")
    loss = train.add_mutually_exclusive_group()
    loss.add_argument(
        "--gamma", type=_gamma, help="γ of the IB loss (0: only L_X, inf: only L_Y) and the VIB's; else 1"
    )
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
    train.add_argument("--noise", type=_noise, default="uniform", help="'uniform', or sigma of Gaussian noise")
    train.add_argument("--epochs", type=float, default=8)
    train.add_argument("--batch-size", type=int, default=128)
    train.add_argument("--lr", type=float, default=3e-3, help="peak learning rate")
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
    train.set_defaults(command=_train)


def _train(options: argparse.Namespace) -> None:
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


def _gamma(text: str) -> float:
    """γ on the command line: 0, a positive number, or ``inf``."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"gamma must be 0, positive or inf, not {text}")
    return value


def _noise(text: str) -> str | float:
    """Training noise on the command line: ``uniform`` or σ."""
    from ..models.preprocessing import check_noise

    try:
        return check_noise(text if text == "uniform" else float(text))
    except ValueError as error:
        message = f"noise must be 'uniform' or a positive sigma in units of [0, 1], not {text!r}"
        raise argparse.ArgumentTypeError(message) from error


def _add_family(commands: Commands) -> None:
    family = commands.add_parser("family", help="train and export a family of models; resumable")
    family.add_argument(
        "only", nargs="*", help="ids to train, with their ancestors; the family and its competitors if none is given"
    )
    family.add_argument("--data", default="cifar10", help="data set of the family")
    family.add_argument("--out", type=Path, default=Path("runs/family"), help="folder of the trainings' states")
    family.add_argument(
        "--trunks",
        type=Path,
        help="folder of trunks and finished trainings that are not trained again, whatever --scale says, like trunks/",
    )
    family.add_argument("--to", type=Path, help="folder of the checkpoints; that of the library if not given")
    family.add_argument("--jobs", type=int, help="trainings at a time; one for each core if not given")
    family.add_argument("--scale", type=float, default=1.0, help="factor on all epochs: a small one for a quick try")
    family.set_defaults(command=_family)


def _family(options: argparse.Namespace) -> None:
    from ..checkpoint import default_folder
    from ..training import recipe
    from ..training.scheduler import train_family, usable_cores

    members = recipe.family(options.data, options.scale) + recipe.competitors(options.data, options.scale)
    if options.only:
        members = recipe.with_ancestors(members, options.only)
    jobs = len(usable_cores()) if options.jobs is None else options.jobs
    train_family(members, options.out, options.to or default_folder(), jobs, options.trunks)


def _add_trunk(commands: Commands) -> None:
    trunk = commands.add_parser("trunk", help="keep the weights of a training for others to start from")
    trunk.add_argument("run", type=Path, help="folder of the training's state")
    trunk.add_argument("target", type=Path, help="folder to write, e.g. trunks/trunk-labels")
    trunk.set_defaults(command=_trunk)


def _trunk(options: argparse.Namespace) -> None:
    from ..training.export import save_trunk

    save_trunk(options.run, options.target)
    print(options.target)


def _add_export(commands: Commands) -> None:
    export = commands.add_parser("export", help="turn a finished training into a measured checkpoint")
    export.add_argument("run", type=Path, help="folder of the training's state, or of a trunk that keeps one")
    export.add_argument("checkpoint", type=Path, help="folder to write, e.g. checkpoints/gamma-1")
    export.add_argument("--mix-in", help="trunk, training folder or checkpoint from before, whose weights are mixed in")
    export.add_argument("--share", type=float, default=0.4, help="of the weights of --mix-in")
    export.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> None:
    from ..training.export import export
    from ..training.mixed_in import MixedIn

    mixed_in = MixedIn(options.mix_in, options.share) if options.mix_in else None
    checkpoint = export(options.run, options.checkpoint, mixed_in=mixed_in)
    print(f"{checkpoint.path}: {summary(checkpoint.card)}")


def _add_data(commands: Commands) -> None:
    fetch = commands.add_parser("data", help="download a data set from its official source")
    fetch.add_argument("dataset", choices=[dataset.name for dataset in DATASETS.values() if dataset.official])
    fetch.add_argument("--to", type=Path, help="folder; IBINN_DATA or ./data if not given")
    fetch.set_defaults(command=_data)


def _data(options: argparse.Namespace) -> None:
    from .. import data

    print(data.download(options.dataset, options.to))
