"""Measures the effect of moves in latent space on images: python tools/counterfactuals.py mnist-gamma-1 --count 1000

Prints two Markdown tables for each model, measured on test images.

Counterfactuals: every image is moved towards another class, whose number differs by K/2 (by five for ten classes). It
is decoded at α*, at 1.5, 2 and 2.5 times α*, and at ECINN's step (0.8 + 0.5 α₀). The pictures are clipped and rounded
to 8 bits. The table has:

- the share that the data set's ResNet classifies as the target, and as the original class,
- the share that the model itself classifies as the target,
- the change of the target's posterior by clipping and rounding,
- the share that is typical (95 % of held-out images are typical),
- the distance between picture and image, for pixel values from 0 to 1.

Images that have no α*, or already count as the target, are left out. For comparison, the package foolbox runs gradient
descent on the pixels. DDN (Rony et al. 2019, 20 steps) finds the smallest change to reach the target. PGD (L2, 10
steps) makes it as probable as possible within two distances: 1, and the median distance of the pictures at 2 α*.

Styles: images are moved along each attribute's direction from -2 to +2 in steps of a half. The table has:

- the share of steps in which the attribute rises,
- the attribute's change from -1 to +1, in deviations,
- the largest change of a probability: in latent space over all images, and of the clipped pictures in the median.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.checkpoint import Checkpoint, find  # noqa: E402

FACTORS = (1.0, 1.5, 2.0, 2.5)
STEPS = np.linspace(-2, 2, 9)
BATCH = 50
COLUMNS = (
    *("ResNet: target", "ResNet: as before", "model: target", "posterior changed by"),
    *("typical", "distance in pixels"),
)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="+", help="ids of models with a likelihood")
    parser.add_argument("--count", type=int, default=1000, help="test images for counterfactuals")
    parser.add_argument("--pixels", type=int, default=100, help="test images for gradient descent; 0 for none")
    parser.add_argument("--styles", type=int, default=100, help="test images for styles; 0 for none")
    options = parser.parse_args()
    for name in options.checkpoint:
        entry = find(name)
        model = ib.load(entry)
        images, labels = ib.data.load(entry.dataset.name, "test")
        rows = np.random.default_rng(0).permutation(len(images))
        print(f"\n`{entry.id}`\n", flush=True)
        some = np.sort(rows[: options.count])
        counterfactuals(entry, model, images[some], labels[some], options.pixels)
        if options.styles:
            print()
            some = np.sort(rows[: options.styles])
            styles(entry, model, images[some])


def counterfactuals(
    entry: Checkpoint, model: ib.GenerativeClassifier, images: np.ndarray, labels: np.ndarray, in_pixels: int
) -> None:
    judge = ib.load(entry.dataset.id_prefix + "resnet")
    num_classes = len(entry.classes)
    targets = torch.from_numpy((labels + num_classes // 2) % num_classes)
    z = in_batches(model.encode, noisy(images, model))
    found = ib.exploration.counterfactual(model, z, targets)
    has_one = found.alpha.isfinite() & (found.source != targets)
    way = found.alpha * found.direction.norm(dim=1)
    medians = [values[has_one].median().item() for values in (found.alpha, way)]
    print(f"{len(z)} test images; {int((~found.alpha.isfinite()).sum())} without an α*; medians:", end=" ")
    print("α* {:.2f}, its way {:.1f}\n".format(*medians))
    print(f"| move | {' | '.join(COLUMNS)} |")
    print("| --- " * (len(COLUMNS) + 1) + "|")
    rows = has_one.nonzero()[:, 0]
    before = torch.from_numpy(labels)[rows]
    source = found.source[rows]
    moves = {"none": z[rows]}
    moves |= {f"{factor:g} α*": found.at(factor)[rows] for factor in FACTORS}
    moves["ECINN"] = ecinn(model, z[rows], source, targets[rows], found.direction[rows])
    far = 0.0
    for name, moved in moves.items():
        cells, distance = judged(entry, model, judge, images[rows.numpy()], before, targets[rows], moved)
        far = distance if name == "2 α*" else far
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    if not in_pixels:
        return
    rows = rows[np.sort(np.random.default_rng(1).permutation(len(rows))[:in_pixels])]
    some, goal = images[rows.numpy()], targets[rows]
    for name, moved in by_gradients(model, noisy(some, model), goal, far).items():
        cells, _ = judged(entry, model, judge, some, torch.from_numpy(labels)[rows], goal, moved)
        print(f"| {name}, {len(rows)} images | {' | '.join(cells)} |", flush=True)


class Pixels(torch.nn.Module):
    """The interface that foolbox expects of a model: log q(y | x) of images."""

    def __init__(self, model: ib.GenerativeClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model.mixture.log_posterior(self.model.encode(x))


def by_gradients(model, x, targets, far) -> dict[str, torch.Tensor]:
    """Runs gradient descent and returns the latents of the results by name. If DDN fails, its result is the image."""
    import foolbox  # slow to import

    asked = foolbox.PyTorchModel(Pixels(model).eval(), bounds=(0, 1), device="cpu")
    within = foolbox.attacks.L2BasicIterativeAttack(rel_stepsize=0.2, steps=10)
    attacks = {
        "the smallest": (foolbox.attacks.DDNAttack(init_epsilon=0.3, gamma=0.1, steps=20), None),
        "within 1": (within, 1.0),
        f"within {far:.1f}": (within, far),
    }
    found = {}
    for name, (attack, reach) in attacks.items():
        made = []
        for at in range(0, len(x), BATCH):
            goal = foolbox.criteria.TargetedMisclassification(targets[at : at + BATCH])
            with torch.enable_grad():
                _, clipped, _ = attack(asked, x[at : at + BATCH], goal, epsilons=reach)
            made.append(clipped.detach())
        distance = (torch.cat(made) - x).flatten(1).norm(dim=1).median()
        found[f"gradients, {name} ({distance:.2f} before rounding)"] = in_batches(model.encode, torch.cat(made))
    return found


def ecinn(model, z, source, target, direction) -> torch.Tensor:
    """Computes the latents at α₁ = 0.8 + 0.5 α₀; at α₀ the target overtakes the latent's class."""
    scores = model.mixture.scores(z) + model.mixture.log_weights
    gains = direction @ model.class_means.T
    (own, other), (gain, loss) = (
        [part.gather(1, k[:, None])[:, 0] for k in (target, source)] for part in (scores, gains)
    )
    first = (other - own) / (gain - loss)
    return z + (0.8 + 0.5 * first)[:, None] * direction


def in_batches(ask, values: torch.Tensor) -> torch.Tensor:
    return torch.cat([ask(some) for some in values.split(BATCH)])


def judged(entry, model, judge, images, before, targets, moved) -> tuple[list[str], float]:
    """Returns the cells of a row, and the median distance in pixels."""
    pictures = ib.to_uint8(in_batches(model.decode, moved), missing=0.5)
    parts = [model.evaluate(some) for some in noisy(pictures, model).split(BATCH)]
    outputs = {name: torch.cat([part[name] for part in parts]) for name in ("posterior", "log_prob")}
    exact = model.mixture.log_posterior(moved).exp().gather(1, targets[:, None])[:, 0]
    after = outputs["posterior"].gather(1, targets[:, None])[:, 0]
    taken = in_batches(judge.predict, ib.to_unit(pictures))
    reference = entry.latent["reference"]
    is_typical = ib.exploration.typicality(outputs["log_prob"].numpy(), reference)
    is_typical = is_typical <= ib.exploration.typicality_threshold(reference)
    distance = np.sqrt(np.square(pictures / 256.0 - images / 256.0).sum((1, 2, 3)))
    cells = [
        share(taken == targets),
        share(taken == before),
        share(outputs["posterior"].argmax(1) == targets),
        f"{(after - exact).abs().mean():.3f}",
        share(is_typical),
        f"{np.median(distance):.1f}",
    ]
    return cells, float(np.median(distance))


def styles(entry: Checkpoint, model: ib.GenerativeClassifier, images: np.ndarray) -> None:
    print("| style | rises | -1 to +1 | posterior changed by, in latent space | of the pictures |")
    print("| --- " * 5 + "|")
    found = entry.style
    z = model.encode(noisy(images, model))
    posterior = model.mixture.log_posterior(z).exp()
    for row, name in enumerate(found.attributes):
        step = torch.from_numpy(found.directions[row])
        values, exact, after = [], [], []
        for factor in STEPS:
            moved = z + float(factor) * step
            pictures = ib.to_uint8(model.decode(moved), missing=0.5)
            values.append(ib.exploration.attributes(pictures)[name])
            exact.append((model.mixture.log_posterior(moved).exp() - posterior).abs().amax(1))
            if abs(factor) in (1, 2):
                after.append((model.posterior(noisy(pictures, model)) - posterior).abs().amax(1))
        values = np.array(values)
        changed = (values[STEPS == 1] - values[STEPS == -1]).mean() / found.deviations[row]
        print(
            f"| {name} | {share(np.diff(values, axis=0) > 0)} | {changed:.2f} | {torch.stack(exact).max():.0e} | "
            f"±1: {torch.stack(after[1:3]).median():.3f}, ±2: {torch.stack(after[::3]).median():.3f} |",
            flush=True,
        )


def noisy(images: np.ndarray, model: ib.GenerativeClassifier) -> torch.Tensor:
    """Converts 8-bit images to the model's input, with noise."""
    return ib.dequantize(ib.to_unit(images), model.noise)


def share(which) -> str:
    return f"{100 * np.asarray(which, dtype=float).mean():.0f} %"


if __name__ == "__main__":
    main()
