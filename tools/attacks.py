"""Attacks models and measures what their likelihood detects: python tools/attacks.py gamma-1 mnist-gamma-1 --count 100

It attacks test images (ibinn_core/evaluation/attack.py) within several ε. The attacks are FGSM (one step), PGD (20
steps), and the adaptive attack, which is PGD that stays typical. A model without a likelihood is also attacked on the
margin.

It measures on the resulting 8-bit images:

- accuracy: the share that the model still classifies correctly,
- the share that the app's typicality test detects (the test accepts 95 % of held-out images),
- the share that is misclassified and not detected,
- the area under the ROC curve of this test, against all test images.

The file also has the ROC area of log q(x) alone, where lower values are more suspicious. It also has the median of log
q(x), measured from the held-out images' mean in units of the test's threshold.

It adds models to docs/attacks.json one by one, so you can stop it at any time. It does not replace an entry that was
measured on more images. ``--table`` prints the file as Markdown.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from ibinn_core.checkpoint import Checkpoint, find  # noqa: E402
from ibinn_core.evaluation import attack  # noqa: E402
from ibinn_core.evaluation.attack import LOSSES, STEPS, WEIGHT  # noqa: E402
from ibinn_core.files import write_json  # noqa: E402
from ibinn_core.measures.scores import detection_score, roc_auc  # noqa: E402

FILE = ROOT / "docs" / "attacks.json"
#: Radii in grey levels, 1/256, by data set.
RADII = {"cifar10": (1, 2, 4, 8), "mnist": (13, 26, 51, 77)}
CE, MARGIN = LOSSES
#: Steps, λ and loss. Models without a likelihood are often so confident that the cross-entropy has no gradient, so they
#: are attacked on the margin too.
ATTACKS = {
    "fgsm": (1, 0.0, CE),
    "pgd": (STEPS, 0.0, CE),
    "margin": (STEPS, 0.0, MARGIN),
    "adaptive": (STEPS, WEIGHT, CE),
}
#: The values of a row that are printed in percent, with their headings.
SHARES = {
    "accuracy": "accuracy",
    "noticed": "noticed",
    "wrong_and_unnoticed": "wrong, unnoticed",
    "roc_auc": "ROC area",
}
PLACES = 4


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="*", help="ids of models of CIFAR-10 or MNIST")
    parser.add_argument("--count", type=int, default=1000, help="test images")
    parser.add_argument("--radius", action="append", type=int, help="grey levels, instead of the usual; repeatable")
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--table", action="store_true", help="print the file as tables")
    options = parser.parse_args(arguments)
    models: dict = json.loads(options.out.read_text())["models"] if options.out.exists() else {}
    for name in options.checkpoint:
        known = models.get(name, {}).get("count", 0)
        if known > options.count:
            sys.exit(f"{options.out} has {name} measured on {known} images: for fewer, name another --out.")
        models[name] = measured(find(name), options.count, options.radius)
        write_json(options.out, {"steps": STEPS, "lambda": WEIGHT, "models": models})
    if options.table:
        print_table(models)


def measured(entry: Checkpoint, count: int, wanted: list[int] | None) -> dict:
    """Measures a model's entry: one row for each ε and attack."""
    model = ib.load(entry)
    images, labels = ib.data.load(entry.dataset.name, "test")
    some = np.sort(np.random.default_rng(0).permutation(len(images))[:count])
    images, labels = images[some], labels[some]
    result = {"dataset": entry.dataset.name, "gamma": entry.gamma, "count": len(some)}
    result |= {"before": judged(entry, model, images, labels), "rows": []}
    for levels in wanted or RADII[entry.dataset.name]:
        for name, (steps, weight, loss) in ATTACKS.items():
            if (weight and not entry.has_likelihood) or (loss == MARGIN and entry.has_likelihood):
                continue
            options = {"loss": loss, "steps": steps, "weight": weight}
            attacked = ib.to_uint8(attack(model, ib.to_unit(images), labels, levels, **options))
            row = {"levels": levels, "attack": name, **judged(entry, model, attacked, labels)}
            result["rows"].append(row)
            print(entry.id, row, flush=True)
    return result


def judged(entry: Checkpoint, model: ib.Classifier, images: np.ndarray, labels: np.ndarray) -> dict:
    """Measures a model's answers on 8-bit images with known classes."""
    with torch.no_grad():
        outputs = model.evaluate(ib.dequantize(ib.to_unit(images), model.noise))
    is_right = outputs["posterior"].argmax(1).numpy() == labels
    found = {"accuracy": is_right.mean()}
    if entry.has_likelihood:
        log_prob, latent = outputs["log_prob"].numpy(), entry.latent
        test, reference = latent["log_prob"], latent["reference"]
        reach = ib.exploration.typicality_threshold(reference)
        is_noticed = ib.exploration.typicality(log_prob, reference) > reach
        found |= {
            "noticed": is_noticed.mean(),
            "wrong_and_unnoticed": (~is_right & ~is_noticed).mean(),
            "roc_auc": detection_score(test, log_prob, reference),
            "roc_auc_of_less_likely": roc_auc(-test, -log_prob),
            "median_offset": np.median(log_prob - reference.mean(dtype=np.float64)) / reach,
        }
    return {key: round(float(value), PLACES) for key, value in found.items()}


def print_table(models: dict) -> None:
    """Prints a Markdown table, with dashes for missing likelihoods."""
    columns = ["model", "ε", "attack", *SHARES.values()]
    print(f"| {' | '.join(columns)} |\n{'| --- ' * len(columns)}|")
    for name, model in models.items():
        for row in model["rows"]:
            shares = [f"{100 * row[key]:.0f} %" if key in row else "–" for key in SHARES]
            cells = [f"`{name}`", f"{row['levels']}/256", row["attack"], *shares]
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
