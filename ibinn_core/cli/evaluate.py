"""``evaluate``: measures checkpoints and compares with their cards."""

import argparse
from typing import TYPE_CHECKING

from .arguments import Commands
from .summary import summary

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint
    from ..models.classifier import Classifier


def add(commands: Commands) -> None:
    """Declares the command and its options."""
    evaluate = commands.add_parser("evaluate", help="measure checkpoints and compare with their cards")
    evaluate.add_argument("checkpoint", nargs="*", help="ids or folders; all in checkpoints/ if none is given")
    evaluate.add_argument("--data", help="data set to measure on; the one a model was trained on if not given")
    evaluate.add_argument("--write", action="store_true", help="write the numbers into the cards")
    evaluate.add_argument("--ood", action="store_true", help="measure what lies out of the distribution too, and CI")
    evaluate.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    """Runs the command."""
    from .. import checkpoint as registry
    from .. import data
    from ..evaluation import encode_images
    from ..files import write_json
    from ..training.export import card_of

    chosen = [registry.find(name) for name in options.checkpoint] or registry.checkpoints()
    if not chosen:
        raise ValueError(f"there is no checkpoint in {registry.default_folder()}")
    for checkpoint in chosen:
        own = checkpoint.config["data"]["name"]
        name = options.data or own
        if options.write and name != own:
            raise ValueError(f"a card is measured on {own}, the data set of its training, not on {name}")
        images, labels = data.load(name, "test")
        if data.CLASSES[name] != data.CLASSES.get(own):
            raise ValueError(f"{checkpoint.id} knows the classes of {own}, which are not those of {name}")
        model = registry.load(checkpoint)
        card = card_of(model, images, labels, encode_images(model, images))
        card |= {name: checkpoint.card[name] for name in ("alignment",) if name in checkpoint.card}  # of the export
        print(f"{checkpoint.id} on {len(images)} images of {name}: {summary(card)}")
        if name == own:
            print(f"{checkpoint.id} by its card: {summary(checkpoint.card)}")
        if options.write:
            write_json(checkpoint.path / registry.CARD, card)
        if options.ood:
            _print_ood(checkpoint, model, images, labels)


def _print_ood(checkpoint: "Checkpoint", model: "Classifier", images: "np.ndarray", labels: "np.ndarray") -> None:
    """Increase of the predictive entropy, detection, and the cross information of Fig. 10."""
    from ..evaluation.noise_study import study
    from ..evaluation.table1.columns import DETECTION, ENTROPY
    from ..evaluation.table1.table import load_sets, measure_checkpoint

    sets = {name: pixels for name, pixels in load_sets(images).items() if pixels is not None}
    cells = measure_checkpoint(checkpoint, images, labels, sets, say=lambda text: None)["cells"]
    for title, columns in (("increase of the predictive entropy", ENTROPY), ("detection, ROC-AUC", DETECTION)):
        found = {column.title: cells[column.key] for column in columns}
        unit = columns[0].unit
        texts = [f"{name} {v if isinstance(v, str) else f'{v:.2f} {unit}'}" for name, v in found.items()]
        print(f"{checkpoint.id}: {title}: {'; '.join(texts)}")
    if model.has_likelihood:
        print(f"{checkpoint.id}: CI(X, Z_E) {study(model, images, labels).cross_information:.1f} nats")
