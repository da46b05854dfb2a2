"""``evaluate``: measures checkpoints and compares with their cards."""

import argparse
from typing import TYPE_CHECKING

from .arguments import Commands, checkpoints
from .images import images_for
from .summary import summary

OUTLIERS = "out_of_distribution"  # on a card
_ENTROPY, _DETECTION = "increase of the predictive entropy", "detection, ROC-AUC"

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint
    from ..evaluation.out_of_distribution import SetScores
    from ..models.classifier import Classifier


def add(commands: Commands) -> None:
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
    evaluate.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
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
            card |= _measure_ood(checkpoint, model, images, labels)
        if options.write:
            registry.write_card(checkpoint, card)


def _measure_ood(checkpoint: "Checkpoint", model: "Classifier", images: "np.ndarray", labels: "np.ndarray") -> dict:
    """Prints the increase of the predictive entropy and detection; returns what the card gets of them.

    Of CIFAR-10 that is nothing: Table 1 has these numbers.
    """
    from ..data.datasets import DEFAULT
    from ..evaluation.out_of_distribution import card_of_sets, measure_sets

    card = {}
    if checkpoint.dataset.name == DEFAULT:
        lines = _lines_of_table(checkpoint, images, labels)
    else:
        reference = checkpoint.latent["reference"] if model.has_likelihood else None
        found = measure_sets(model, checkpoint.dataset, images, reference)
        lines, card = _lines_of_sets(found), {OUTLIERS: card_of_sets(found)}
    for line in lines:
        print(f"{checkpoint.id}: {line}")
    return card


def _lines_of_table(checkpoint: "Checkpoint", images: "np.ndarray", labels: "np.ndarray") -> list[str]:
    """What Table 1 has of it, on the paper's sets."""
    from ..evaluation.table1.columns import DETECTION, ENTROPY
    from ..evaluation.table1.table import load_sets, measure_checkpoint

    sets = {name: pixels for name, pixels in load_sets(images).items() if pixels is not None}
    cells = measure_checkpoint(checkpoint, images, labels, sets, say=lambda text: None)["cells"]
    lines = []
    for title, columns in ((_ENTROPY, ENTROPY), (_DETECTION, DETECTION)):
        found = {column.title: cells[column.key] for column in columns}
        unit = columns[0].unit
        texts = [f"{name} {v if isinstance(v, str) else f'{v:.2f} {unit}'}" for name, v in found.items()]
        lines.append(f"{title}: {'; '.join(texts)}")
    return lines


def _lines_of_sets(found: "list[SetScores]") -> list[str]:
    """The same of the sets that belong to another data set."""
    entropies = [f"{one.title} {one.entropy_increase:.2f} nats" for one in found]
    detections = [f"{one.title} {100 * one.roc_auc:.2f} %" for one in found if one.roc_auc is not None]
    lines = [f"{_ENTROPY}: {'; '.join(entropies)}"]
    return [*lines, f"{_DETECTION}: {'; '.join(detections)}"] if detections else lines
