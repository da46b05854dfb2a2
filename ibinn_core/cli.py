"""The command line: ``ibinn``, or ``python -m ibinn_core``.

Each command imports its modules when it runs, so that ``--help`` is quick.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .data.datasets import DATASETS, SAMPLE, Dataset
from .models.kinds import DEFAULT, KINDS, TRAINED_HERE
from .places import IS_INSTALLED, RESULTS

if TYPE_CHECKING:
    import numpy as np

    from .checkpoint import Checkpoint
    from .models.classifier import Classifier

PATH = click.Path(path_type=Path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status. For a user's mistake, it prints one sentence."""
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        return ibinn.main(arguments, standalone_mode=False) or 0
    except click.ClickException as error:
        message, status = error.format_message(), error.exit_code
    except click.Abort:
        message, status = "interrupted", 130
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        message, status = error, 1
    print(f"ibinn {arguments[0]}: {message}", file=sys.stderr)
    return status


@click.group(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def ibinn() -> None:
    """Train and examine IB-INNs."""


def _noise(text: str) -> str | float:
    """Reads "uniform", or σ of Gaussian noise; the config checks other texts."""
    try:
        return float(text)
    except ValueError:
        return text


@ibinn.command()
@click.option(
    "--gamma", type=float, help="γ of the IB or VIB loss: 0 for only L_X, inf for only L_Y.", show_default="1"
)
@click.option(
    "--objective",
    type=click.Choice(["class-nll", "class-nll-regularized"]),
    help="Train with this loss instead of the IB loss.",
)
@click.option(
    "--model", type=click.Choice(TRAINED_HERE), default=DEFAULT, help="An IB-INN, or a competitor of Table 1."
)
@click.option("--out", type=PATH, required=True, help="Folder of the training's state.")
@click.option("--init", help="Checkpoint or training folder with the initial weights.")
@click.option(
    "--preset",
    help="cpu, digits, grids or paper.",
    show_default="that of --init, else digits for (Fashion-)MNIST, else cpu",
)
@click.option("--data", default="cifar10", help="Name of a data set, or path of a folder of images.")
@click.option("--side", type=int, help="Side of a folder's images, in pixels.", show_default="32")
@click.option(
    "--channels", type=int, help="Channels of a folder's images.", show_default="1 if all images are grey, else 3"
)
@click.option("--noise", type=_noise, metavar="SIGMA", default="uniform", help="'uniform', or sigma of Gaussian noise.")
@click.option("--epochs", type=float, default=8)
@click.option("--batch-size", type=int, default=128)
@click.option("--lr", "learning_rate", type=float, default=3e-3, help="Peak learning rate.")
@click.option(
    "--shift", type=int, help="Largest shift of an image in pixels.", show_default="2 for (Fashion-)MNIST, else 3"
)
@click.option(
    "--flip/--no-flip", default=None, help="Mirror half of the training images.", show_default="depends on the data set"
)
@click.option(
    "--held-out",
    type=int,
    metavar="IMAGES",
    help="Number of training images to hold out for validation.",
    show_default="1000; for a folder, a tenth of its training images, from 10 to 1000",
)
@click.option("--learn-weights", is_flag=True, help="Learn the class weights too (Appendix B).")
@click.option("--seed", type=int, default=0)
@click.option("--precision", type=click.Choice(["auto", "bf16", "fp32"]), default="auto")
def train(
    gamma: float | None,
    objective: str | None,
    model: str,
    out: Path,
    precision: str,
    **choices: Any,
) -> None:
    """Train a model, and keep its state in the folder --out. Run the command again to continue."""
    from .models.objectives import Objective
    from .training.configuring import config_for
    from .training.trainer import train

    kind = objective or KINDS[model].objectives[0]
    config = config_for(model=model, objective=Objective(kind, gamma), **choices)
    train(config, out, precision)


@ibinn.command()
@click.argument("only", nargs=-1, metavar="[ID]...")
@click.option("--data", default="cifar10", help="Data set of the family.")
@click.option("--out", type=PATH, default=Path("runs/family"), help="Folder of the states of the trainings.")
@click.option(
    "--trunks",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of trunks that are not trained again, like trunks/.",
)
@click.option("--to", type=PATH, help="Folder of the checkpoints.", show_default="the library's folder")
@click.option(
    "--jobs", type=click.IntRange(1), help="Trainings at a time, each on one core.", show_default="one for each core"
)
@click.option("--cluster", metavar="ADDRESS", help="Address of a dask scheduler: its workers then train the models.")
@click.option("--scale", type=float, default=1.0, help="Factor on all epochs; 0.01 gives a quick trial.")
def family(
    only: tuple[str, ...],
    data: str,
    out: Path,
    trunks: Path | None,
    to: Path | None,
    jobs: int | None,
    cluster: str | None,
    scale: float,
) -> None:
    """Train and export a family of models and its competitors.

    With IDs, the command trains only these models and their ancestors. Run the command again to continue.
    """
    from .checkpoint import folders
    from .training.recipe import family, with_ancestors
    from .training.train_family import train_family

    members = with_ancestors(family(data, scale), list(only))
    train_family(members, out, to or folders()[0], jobs, cluster, trunks)


@ibinn.command()
@click.argument("run", type=PATH)
@click.argument("target", type=PATH)
def trunk(run: Path, target: Path) -> None:
    """Copy the weights of the training in RUN to a folder, as a start for other trainings."""
    from .training.export import save_trunk

    save_trunk(run, target)
    print(target)


@ibinn.command()
@click.argument("run", type=PATH)
@click.argument("checkpoint", type=PATH)
@click.option("--mix-in", help="Trunk, training folder or earlier checkpoint whose weights are mixed in.")
@click.option("--share", type=float, default=0.4, help="Share of the weights of --mix-in.")
def export(run: Path, checkpoint: Path, mix_in: str | None, share: float) -> None:
    """Measure the finished training in RUN, and write a checkpoint to a folder like checkpoints/gamma-1."""
    from .training.export import export

    found = export(run, checkpoint, mixed_in=(mix_in, share) if mix_in else None)
    print(f"{found.path}:\n{summary(found.card)}")


@ibinn.command()
@click.argument("dataset", type=click.Choice([dataset.name for dataset in DATASETS.values() if dataset.official]))
@click.option("--to", type=PATH, help="Folder to write to.", show_default="IBINN_DATA, else ./data")
def data(dataset: str, to: Path | None) -> None:
    """Download a data set from its official source."""
    from . import data

    print(data.download(dataset, to))


@ibinn.command()
@click.argument("checkpoint", nargs=-1)
@click.option("--data", help="Data set, or folder of images, to measure on.", show_default="that of the training")
@click.option("--write", is_flag=True, help="Write the numbers into the cards.")
@click.option("--ood", is_flag=True, help="Measure out-of-distribution sets too.")
def evaluate(checkpoint: tuple[str, ...], data: str | None, write: bool, ood: bool) -> None:
    """Measure checkpoints, given by id or folder, and compare the numbers with their cards.

    Without an argument it measures all checkpoints.
    """
    from .checkpoint import CARD, load, write_files
    from .evaluation import encode_images
    from .files import as_json
    from .training.export import KEPT, card_of

    for one in _checkpoints(checkpoint):
        name, images, labels, is_trained_on = images_for(one, data)
        if write and not is_trained_on:
            raise ValueError(f"the images in {name} are not those that {one.id} was trained and measured on")
        model = load(one)
        card = card_of(model, images, labels, encode_images(model, images))
        card |= {name: one.card[name] for name in KEPT if name in one.card}
        print(f"{one.id} on {len(images)} images of {name}:")
        if is_trained_on and one.custom_split:
            print("{} has our own split: {:,} training and {:,} test images".format(name, *one.custom_split))
        print(summary(card, one.card if is_trained_on else None))
        if ood:
            _print_ood(one, model, images)
        if write:
            write_files(one.path, {CARD: as_json(card)}, one.manifest)


def _print_ood(checkpoint: "Checkpoint", model: "Classifier", images: "np.ndarray") -> None:
    """Prints the measures on out-of-distribution sets."""
    from .data.ood import EVERY
    from .evaluation.out_of_distribution import load_sets, score_sets
    from .measures import on

    reference = checkpoint.latent["reference"] if model.has_likelihood else None
    found = score_sets(model, images, load_sets(checkpoint.dataset, images), reference)
    for measure in on("sets"):
        numbers = {EVERY[name].short: measure.compute(scores) for name, scores in found.items()}
        texts = [f"{title} {measure.text(measure.shown(n))}" for title, n in numbers.items() if n is not None]
        if texts:
            print(f"{checkpoint.id}: {measure.name}: {'; '.join(texts)}")


@ibinn.command()
@click.argument("checkpoint", nargs=-1)
@click.option("--data", help="Folder of the training images, if the checkpoint was trained on a folder.")
def measure(checkpoint: tuple[str, ...], data: str | None) -> None:
    """Measure checkpoints, and write their numbers, latent space and directions of style.

    Each checkpoint takes minutes. Without an argument it measures all checkpoints.
    """
    from .data import splits
    from .training.export import measure

    for one in _checkpoints(checkpoint):
        channels, side, _ = one.dataset.image_shape
        images = splits(data or one.dataset.name, side, channels, one.training.held_out)
        if not _was_trained_on(one, images.dataset):
            raise ValueError(f"the images in {images.dataset.name} are not those that {one.id} was trained on")
        print(f"{one.id}:\n{summary(measure(one, images).card)}")


@ibinn.command()
@click.option("--data", default="cifar10", help="Data set of the family, or path of a folder of images.")
def curve(data: str) -> None:
    """Measure a family at its trained γ, and at γ between these."""
    from .data import find, load
    from .data.copies import name_of
    from .evaluation.measure_curve import measure_curve
    from .weight_space import family

    find(data)  # raises an error if there is no such data set
    models = family(name_of(data))
    channels, side, _ = models.members[0].dataset.image_shape
    images, labels = load(data, "test", side, channels)
    train_images, _ = load(data, "train", side, channels)
    measure_curve(models, images, labels, train_images)
    print(models.curve_path)


@ibinn.command()
@click.argument("checkpoint", nargs=-1)
@click.option(
    "--to",
    type=PATH,
    help="Folder to write the table and its curves to.",
    show_default="docs/ of the clone, else ./docs",
)
@click.option("--data", type=click.Choice(["cifar10", "cifar100"]), default="cifar10", help="cifar100 for Table 2.")
def table(checkpoint: tuple[str, ...], to: Path | None, data: str) -> None:
    """Measure our models for Table 1 or 2, and write the paper's numbers beside ours."""
    from .checkpoint import checkpoints, find
    from .data import load
    from .evaluation.results.markdown import render, write_table
    from .evaluation.results.table import build_table

    chosen = [find(one) for one in checkpoint] or checkpoints()
    other = [one.id for one in chosen if one.config["data"]["name"] != data]
    if checkpoint and other:
        raise ValueError(f"the table is for models of {data}: leave out {' and '.join(other)}")
    images, _ = load(data, "test")
    found = build_table([one for one in chosen if one.id not in other], images, data)
    print(render(found))
    for path in write_table(found, to or (Path("docs") if IS_INSTALLED else RESULTS)):
        print(path)


@ibinn.command()
@click.argument("checkpoint")
@click.argument("out", required=False)
@click.option("--gamma", type=float, help="With a data set as CHECKPOINT: write its family's model at this γ.")
@click.option("--family", is_flag=True, help="With a data set as CHECKPOINT: write its family's files for browsers.")
def onnx(checkpoint: str, out: str | None, gamma: float | None, family: bool) -> None:
    """Write a model as ONNX graphs into the folder OUT. The graphs run without PyTorch.

    CHECKPOINT is an id or a folder; with --gamma or --family, a data set. With --family, the command writes a file
    beside the checkpoints. If you also name OUT, it writes files for a web server there.
    """
    from . import weight_space
    from .checkpoint import load
    from .onnx import publish, to_onnx, write_archive

    if family:
        chosen = weight_space.family(checkpoint)
        print(write_archive(chosen))
        if out:
            print(publish(chosen, out))
    elif not out:
        raise ValueError("say which folder to write: ibinn onnx ID OUT")
    else:
        print(to_onnx(load(checkpoint) if gamma is None else weight_space.family(checkpoint).at(gamma), out))


@ibinn.command()
@click.argument("checkpoint", nargs=-1)
@click.option("--replace", is_flag=True, help="Write new manifests, if you changed the files on purpose.")
def manifest(checkpoint: tuple[str, ...], replace: bool) -> None:
    """Compare the files of checkpoints with their manifests, and write the missing manifests.

    Without an argument it checks all listed checkpoints.
    """
    from . import checkpoint as registry

    folders = [registry.locate(name) for name in checkpoint] or _listed(registry.folders())
    strangers = [str(folder) for folder in folders if not (folder / registry.CONFIG).is_file()]
    if strangers:
        raise ValueError(f"there is no {registry.CONFIG} in {' or '.join(strangers)}: name a checkpoint or a trunk")
    if not folders:
        raise ValueError(f"there is no checkpoint in {' or '.join(map(str, registry.folders()))}")
    damaged = []
    for folder in folders:
        if replace or not (folder / registry.MANIFEST).exists():
            registry.write_manifest(folder)
            print(f"{folder}: manifest written")
        elif changed := registry.changed_files(folder):
            damaged.append(f"{' and '.join(changed)} of {folder}")
        else:
            print(f"{folder}: agrees with its manifest")
    if damaged:
        raise ValueError(
            f"the manifest does not match {', '.join(damaged)}: fetch or export the checkpoint again, or accept the "
            "change with --replace."
        )


def _listed(folders: list[Path]) -> list[Path]:
    """Lists the folders of checkpoints, including refused ones."""
    from .checkpoint import CARD, CONFIG
    from .checkpoint.listing import names_in

    inside = [folder / name for folder in folders for name in names_in(folder)]
    return [child for child in inside if (child / CONFIG).is_file() and (child / CARD).is_file()]


def _checkpoints(names: Sequence[str]) -> "list[Checkpoint]":
    """Returns the named checkpoints, or all; raises a ValueError if there is none."""
    from . import checkpoint as registry

    found = [registry.find(name) for name in names] or registry.checkpoints()
    if not found:
        raise ValueError(f"there is no checkpoint in {' or '.join(map(str, registry.folders()))}")
    return found


def images_for(checkpoint: "Checkpoint", asked: str | None) -> "tuple[str, np.ndarray, np.ndarray, bool]":
    """Returns the name, images and labels of a test set, and whether the card was measured on it.

    ``asked`` is a data set or a folder; ``None`` is the data set of the training.

    Raises:
        ValueError: the images do not fit.
    """
    from . import data

    known = checkpoint.dataset
    name = asked or known.name
    channels, side, _ = known.image_shape
    images, labels = data.load(name, "test", side, channels)
    found = data.describe(name, side, channels)
    if found.classes != known.classes:
        raise ValueError(f"{checkpoint.id} knows the classes of {known.name}, which are not those of {name}")
    is_trained_on = _was_trained_on(checkpoint, found) and name != SAMPLE
    return found.name if found.fingerprint else name, images, labels, is_trained_on


def _was_trained_on(checkpoint: "Checkpoint", dataset: Dataset) -> bool:
    """Checks whether a checkpoint was trained on this data set, or on these images of a folder."""
    known = checkpoint.dataset
    return (dataset.name, dataset.fingerprint) == (known.name, known.fingerprint)


def summary(card: dict, recorded: dict | None = None) -> str:
    """Lists the numbers of a card, with those of the ``recorded`` card in brackets."""
    from .measures import UNITS, on

    lines = []
    for one in on("card"):
        number = one.of_card(card)
        before = None if recorded is None else one.of_card(recorded)
        if number is not None:
            on_card = "" if before is None else f" (card: {before:.4g}{UNITS[one.unit]})"
            lines.append(f"    {one.name}: {number:.4g}{UNITS[one.unit]}{on_card}")
    return "\n".join(lines)
