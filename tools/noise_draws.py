"""How much the numbers of a card depend on the draw of the dequantisation noise: python tools/noise_draws.py

Prints a Markdown table: a row for each model and seed, the first of them that of the cards. "Other answers" is the
share of the images of which the model says another class than with that first draw. Below it stand, for each model, how
much log q(x) differs between the draws, and bits/dim by all of them at once: the mean of q over K draws is a tighter
bound on the likelihood of an 8-bit image than one draw gives (importance samples, Burda et al. 2016). Takes about 30
seconds a row on two cores, and needs the test set (python -m ibinn_core data).
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from scipy.special import logsumexp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.evaluation.measure import NOISE_SEED  # noqa: E402

MODELS = ("gamma-1", "only-ly-scratch")  # that Table 1 says it of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, help=f"ids of IB-INNs; {' and '.join(MODELS)}, if none")
    parser.add_argument("--data", default="cifar10", help="the models' data set")
    parser.add_argument("--draws", type=int, default=3, help="how many seeds are tried, from the cards' own on")
    parser.add_argument("--count", type=int, help="of the test images, the first; all if not given")
    options = parser.parse_args()
    images, labels = (part[: options.count] for part in ib.data.load(options.data, "test"))
    together = []
    print("| model | seed | error (%) | bits/dim | ECE (%) | MCE (%) | top-label ECE (%) | other answers (%) |")
    print("| --- " * 8 + "|")
    for id in options.models:
        model = ib.load(id)
        first, drawn = None, []
        for seed in range(NOISE_SEED, NOISE_SEED + options.draws):
            scores = ib.evaluation.score_images(model, images, seed)
            answers = scores.posterior.argmax(1)
            first = answers if first is None else first
            drawn.append(scores.log_prob)
            error, other = (answers != labels).mean(), (answers != first).mean()
            bits = ib.bits_per_dim(scores.log_prob, model.config.dims, model.noise).mean()
            of_all = ib.evaluation.calibration(scores.posterior, labels)
            shares = (of_all.expected, of_all.maximum, ib.evaluation.top_label_error(scores.posterior, labels))
            rest = " | ".join(f"{100 * share:.2f}" for share in shares)
            print(f"| {id} | {seed} | {100 * error:.2f} | {bits:.3f} | {rest} | {100 * other:.2f} |", flush=True)
        if len(drawn) > 1:
            together.append(f"{id}: {_together(model, np.stack(drawn))}")
    for text in together:
        print(f"\n{text}")


def _together(model: ib.GenerativeClassifier, log_prob: np.ndarray) -> str:
    """What several draws say together, in nats ``(draws, images)``."""
    bound = logsumexp(log_prob, axis=0) - math.log(len(log_prob))
    single, all_of_them = (ib.bits_per_dim(x.mean(), model.config.dims, model.noise) for x in (log_prob, bound))
    deviation = log_prob.std(0, ddof=1).mean()
    return (
        f"log q(x) of an image deviates by {deviation:.1f} nats between draws; {single:.3f} bits/dim by one draw, "
        f"{all_of_them:.3f} by all {len(log_prob)} at once"
    )


if __name__ == "__main__":
    main()
