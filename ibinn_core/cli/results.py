"""The commands that measure models: ``evaluate``, ``style``, ``curve`` and ``table``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..places import IS_INSTALLED, RESULTS

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint
    from ..models.classifier import Classifier

Commands = argparse._SubParsersAction  # which a command adds itself to

OUTLIERS = "out_of_distribution"  # on a card


def add(commands: Commands) -> None:
    """Adds these commands."""
    for one in (_add_evaluate, _add_style, _add_curve, _add_table):
        one(commands)


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="measure checkpoints and compare with their cards")
    evaluate.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    evaluate.add_argument(
        "--data", help="data set, or folder of images, to measure on; the one a model was trained on if not given"
    )
    evaluate.add_argument("--write", action="store_true", help="write the numbers into the cards")
    evaluate.add_argument(
        "--ood",
        action="store_true",
        help="measure out-of-distribution sets too; with --write, cards get those that Table 1 has not",
    )
    evaluate.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry
    from ..evaluation import encode_images
    from ..training.export import card_of

    for checkpoint in checkpoints(options.checkpoint):
        name, images, labels, is_own = images_for(checkpoint, options.data, "a card is" if options.write else None)
        model = registry.load(checkpoint)
        card = card_of(model, images, labels, encode_images(model, images))
        # Of the export, and of an earlier measurement.
        card |= {name: checkpoint.card[name] for name in ("alignment", OUTLIERS) if name in checkpoint.card}
        print(f"{checkpoint.id} on {len(images)} images of {name}: {summary(card)}")
        if is_own:
            if checkpoint.own_split:
                print(checkpoint.own_split_words)
            print(f"{checkpoint.id} by its card: {summary(checkpoint.card)}")
        if options.ood:
            card |= _measure_ood(checkpoint, model, images)
        if options.write:
            registry.write_card(checkpoint, card)


def _measure_ood(checkpoint: "Checkpoint", model: "Classifier", images: "np.ndarray") -> dict:
    """Prints the increase of the predictive entropy and detection; returns what the card gets of them.

    Of CIFAR-10 that is nothing: Table 1 has these numbers.
    """
    from ..data.datasets import DEFAULT
    from ..evaluation.out_of_distribution import measure_sets

    reference = checkpoint.latent["reference"] if model.has_likelihood else None
    found = measure_sets(model, checkpoint.dataset, images, reference)
    entropies = [f"{one.title} {one.entropy_increase:.2f} nats" for one in found]
    detections = [f"{one.title} {100 * one.roc_auc:.2f} %" for one in found if one.roc_auc is not None]
    for title, texts in (("increase of the predictive entropy", entropies), ("detection, ROC-AUC", detections)):
        if texts:
            print(f"{checkpoint.id}: {title}: {'; '.join(texts)}")
    names = ("images", "entropy_increase", "roc_auc")
    card = {one.name: {name: getattr(one, name) for name in names} for one in found}
    return {} if checkpoint.dataset.name == DEFAULT else {OUTLIERS: card}


def _add_style(commands: Commands) -> None:
    style = commands.add_parser(
        "style", help="find the directions of style of checkpoints from training images; write their style.npz"
    )
    style.add_argument("checkpoint", nargs="*", help="ids or folders; all with a likelihood if none is given")
    style.add_argument("--data", help="folder of the images that a model was trained on, if it is found by no name")
    style.set_defaults(command=_style)


def _style(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry

    chosen = [registry.find(name) for name in options.checkpoint]
    for checkpoint in chosen:
        if not checkpoint.has_likelihood:
            raise ValueError(f"{checkpoint.id} has no mixture in latent space, and so no directions of style")
    chosen = chosen or [checkpoint for checkpoint in registry.checkpoints() if checkpoint.has_likelihood]
    if not chosen:
        raise ValueError(f"there is no checkpoint with a likelihood in {' or '.join(map(str, registry.folders()))}")
    for checkpoint in chosen:
        print(f"{checkpoint.id}: {_write_style(checkpoint, options.data)}", flush=True)


def _write_style(checkpoint: "Checkpoint", asked: str | None) -> str:
    """Writes the file of one checkpoint; returns what is in it, in a line."""
    import numpy as np

    from .. import checkpoint as registry
    from ..checkpoint.style_format import styles_of
    from ..data.loading import some_of, split_held_out
    from ..evaluation import encode_images
    from ..evaluation.measure import known
    from ..evaluation.styles import FITTED, MEASURED, Encoded, style_arrays

    _, images, labels, _ = images_for(checkpoint, asked, "styles are", "train")
    used, held_out = split_held_out(len(images), checkpoint.config["training"]["held_out"])
    if not len(held_out):
        raise ValueError(f"{checkpoint.id} held out no training images, on which its styles would be measured")
    model = registry.load(checkpoint)
    parts = (
        Encoded(images[rows], labels[rows], known(encode_images(model, images[rows]).latents, "latents"))
        for rows in (some_of(used, FITTED), some_of(held_out, MEASURED))
    )
    arrays = style_arrays(model, *parts)  # pyright: ignore[reportArgumentType]  # it has a likelihood
    registry.write_style(checkpoint.path, arrays)
    styles = styles_of(arrays)
    lengths = np.linalg.norm(styles.directions, axis=1)
    lines = []
    for row, (name, explained) in enumerate(zip(styles.names, styles.explanations, strict=True)):
        because = f" ({explained})" if explained not in (None, name) else ""
        strengths = np.abs(styles.correlations[row])
        strength = strengths[row] if row < len(strengths) else strengths.max(initial=0)
        lines.append(f"{name}{because} r = {strength:.2f}, length {lengths[row]:.1f}")
    return "; ".join(lines)


def _add_curve(commands: Commands) -> None:
    curve = commands.add_parser("curve", help="measure the models between the checkpoints of a family, at any γ")
    curve.add_argument("--data", default="cifar10", help="data set of the family, or path of a folder of images")
    curve.add_argument("--places", type=int, help="to measure at least; 21 if not given")
    curve.set_defaults(command=_curve)


def _curve(options: argparse.Namespace) -> None:
    from .. import data
    from ..data.copies import name_of
    from ..evaluation.family_curve import PLACES, measure_curve
    from ..weight_space import family

    data.find(options.data)  # refuses what is no data set
    models = family(name_of(options.data))
    channels, side, _ = models.members[0].dataset.image_shape
    images, labels = data.load(options.data, "test", side, channels)
    train_images, _ = data.load(options.data, "train", side, channels)
    measure_curve(models, images, labels, train_images, at_least=options.places or PLACES)
    print(models.curve_path)


def _add_table(commands: Commands) -> None:
    table = commands.add_parser("table", help="measure the paper's Table 1 or 2, its numbers beside ours")
    table.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    table.add_argument(
        "--to",
        type=Path,
        help="folder of table1.md, table1.json and curves.json; the clone's docs/ if not given, ./docs without one",
    )
    table.add_argument(
        "--data", choices=["cifar10", "cifar100"], default="cifar10", help="cifar100 for Table 2: table2.md and so on"
    )
    table.set_defaults(command=_table)


def _table(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry
    from .. import data
    from ..evaluation.results.markdown import write_table
    from ..evaluation.results.table import build_table, load_sets

    name = options.data
    chosen = [registry.find(name) for name in options.checkpoint] or registry.checkpoints()
    other = [checkpoint.id for checkpoint in chosen if checkpoint.config["data"]["name"] != name]
    if options.checkpoint and other:
        raise ValueError(f"the table is of models of {name}, which {' and '.join(other)} is not.")
    images, labels = data.load(name, "test")
    chosen = [checkpoint for checkpoint in chosen if checkpoint.id not in other]
    table = build_table(chosen, images, labels, load_sets(images, dataset=name), dataset=name)
    for path in write_table(table, options.to or (Path("docs") if IS_INSTALLED else RESULTS)):
        print(path)


def checkpoints(names: list[str]) -> list["Checkpoint"]:
    """The checkpoints of these ids or folders; all that are listed if none is named.

    Raises:
        ValueError: if there is none.
    """
    from .. import checkpoint as registry

    found = [registry.find(name) for name in names] or registry.checkpoints()
    if not found:
        raise ValueError(f"there is no checkpoint in {' or '.join(map(str, registry.folders()))}")
    return found


def images_for(
    checkpoint: "Checkpoint", asked: str | None, written: str | None = None, split: str = "test"
) -> "tuple[str, np.ndarray, np.ndarray, bool]":
    """The images to measure a checkpoint on: their name, themselves, labels, and whether its card is of them too.

    Arguments:
        checkpoint: the one that is measured.
        asked: a data set's name or a folder's path; that of the training if ``None``.
        written: what will be written into the checkpoint, such as "a card is", for which the images must be those of
            the training; ``None`` if nothing is.
        split: ``"test"`` or ``"train"``.

    Raises:
        ValueError, DatasetError: in one sentence, if they are not there, or others.
    """
    from .. import data
    from ..data.copies import image_folder, name_of
    from ..data.datasets import SAMPLE

    own = checkpoint.dataset
    name = own.name if asked is None else asked
    if written and (name_of(name) != own.name or name == SAMPLE):
        raise ValueError(f"{written} measured on {own.name}, the data set of its training, not on {name}")
    if asked is None and own.fingerprint and image_folder(name) is None:
        places = " or ".join(map(str, data.roots()))
        raise ValueError(
            f"{checkpoint.id} was trained on the folder of images {own.title}, which is not in {places}: say where it "
            "is by --data"
        )
    channels, side, _ = own.image_shape
    images, labels = data.load(name, split, side, channels)
    found = data.describe(name, side, channels)
    if found.classes != own.classes:
        raise ValueError(f"{checkpoint.id} knows the classes of {own.name}, which are not those of {name}")
    is_own = (found.name, found.fingerprint) == (own.name, own.fingerprint) and name != SAMPLE
    if written and not is_own:
        raise ValueError(f"the images in {name} are not those that {checkpoint.id} was trained and measured on")
    return found.name if found.fingerprint else name, images, labels, is_own


def summary(card: dict) -> str:
    """The numbers of a card in a line; those that the kind of model does not have are left out."""
    paper = card["calibration_paper"]
    parts = [f"error {card['error']:.2%}"]
    if (cross_entropy := card.get("cross_entropy")) is not None:
        parts.append(f"cross-entropy {cross_entropy:.3f} nats")
    if "bits_per_dim" in card:
        bits = card["bits_per_dim"]
        parts.append(f"bits/dim {bits['mean']:.3f} (median {bits['median']:.3f}, worst {bits['worst']:.2f})")
    parts.append(
        f"calibration of all classes: ECE {paper['ece']:.2%}, MCE {paper['mce']:.2%}, ICE {paper['ice']:.2%}, "
        f"geometric mean {paper['geometric_mean']:.2%}; top-label ECE {card['calibration_top_label']:.2%}"
    )
    if "separation" in card:
        parts.append(f"separation {card['separation']:.2f}")
    if "reconstruction" in card:
        parts.append(f"reconstruction {card['reconstruction']:.1e}")
    times = "of no prediction" if card["overconfidence"] is None else f"{card['overconfidence']:.2f}"
    parts += [f"predictive entropy {card['entropy']:.3f} nats", f"overconfidence {times} (above 99.7 %)"]
    return "; ".join(parts)
