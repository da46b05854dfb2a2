"""What mixing a share of a trunk into a finished training is worth: python tools/mixed_in.py RUN TRUNK

Prints a Markdown table with a row for each share, measured on the training's held-out images: the error, the
cross-entropy, bits/dim, and the loss of the training's own objective without label smoothing (Eq. 9). ``family`` keeps
the folders of its trainings in runs/, those of trunks in trunks/; ``export --mix-in`` then carries a share out.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.data.held_out import split_held_out  # noqa: E402
from ibinn_core.models.objectives import ib_loss  # noqa: E402
from ibinn_core.training.mixed_in import MixedIn  # noqa: E402
from ibinn_core.training.outcome import finished_training  # noqa: E402

SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a finished training with γ")
    parser.add_argument("trunk", help="a trunk, or the folder of a training of the same network")
    parser.add_argument("--shares", nargs="+", type=float, default=SHARES, help="of the trunk's weights, below 1")
    options = parser.parse_args()
    print("| share of the trunk | error (%) | cross-entropy | bits/dim | loss |")
    print("| --- " * 5 + "|")
    for share in options.shares:
        # Anew for each share: mixing changes the model.
        model, config, _, (images, labels) = finished_training(options.run)
        held = split_held_out(len(images), config.held_out)[1]
        if share:
            MixedIn(options.trunk, share).into(model)
        scores = ib.evaluation.score_images(model, images[held], 0)
        error = (scores.posterior.argmax(1) != labels[held]).mean()
        entropy, log_prob = ib.evaluation.cross_entropy(scores.posterior, labels[held]), scores.log_prob.mean()
        bits = ib.bits_per_dim(log_prob, model.config.dims, model.noise)
        loss = ib_loss(-log_prob, -entropy, config.objective.gamma, model.config.dims)
        print(f"| {share:g} | {100 * error:.2f} | {entropy:.4f} | {bits:.3f} | {loss:.4f} |", flush=True)


if __name__ == "__main__":
    main()
