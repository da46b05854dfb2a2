"""The model card of a checkpoint: its ``README.md``."""

import math

from ..models.config import TrainingConfig
from ..models.kinds import gamma_text
from .folder import Checkpoint

CARD_FILE = "README.md"
KINDS = {
    "ib-inn": "A normalizing flow with one Gaussian for each class in latent space",
    "resnet": "A ResNet",
    "vib": "A classifier with a random code between image and class",
    "i-revnet": "An i-RevNet, a classifier from whose features the image can be computed",
    "own-flow": "A flow of one's own with one Gaussian for each class in latent space",
}
PAPER = "https://arxiv.org/abs/2001.06448"


def model_card(checkpoint: Checkpoint) -> str:
    """The model card of a checkpoint in Markdown: how to use it, its measured numbers, its training and its limits."""
    title = f"{_name(checkpoint)} on {checkpoint.dataset.title}"
    parts = [
        f"# {title}\n\n{KINDS[checkpoint.model]}, trained on {checkpoint.dataset.title} {_objective(checkpoint)}. "
        f"It is one of the models of IB-INN Explorer, after [Ardizzone et al. 2020]({PAPER}).",
        _use(checkpoint),
        _numbers(checkpoint),
        _training(checkpoint),
        _limits(checkpoint),
    ]
    return "\n\n".join(parts) + "\n"


def _name(checkpoint: Checkpoint) -> str:
    if checkpoint.model == "own-flow":
        return checkpoint.config["training"]["architecture"]["builder"]
    if checkpoint.model != "ib-inn":
        name = {"resnet": "ResNet", "vib": "VIB", "i-revnet": "i-RevNet"}[checkpoint.model]
        return name if checkpoint.gamma is None else f"{name}, γ = {gamma_text(checkpoint.gamma)}"
    named = {"class-nll": "class-NLL", "class-nll-regularized": "class-NLL, fixed μ"}
    if checkpoint.gamma is None:
        return named[checkpoint.objective]
    return f"IB-INN, γ = {gamma_text(checkpoint.gamma)}"


def _objective(checkpoint: Checkpoint) -> str:
    if checkpoint.gamma == 0:
        return "for its likelihood alone, L_X"
    if checkpoint.gamma is not None and math.isinf(checkpoint.gamma):
        return "for the classes alone, L_Y"
    if checkpoint.gamma is not None and checkpoint.objective == "ib":
        return f"with the Information Bottleneck at γ = {gamma_text(checkpoint.gamma)}"
    return {
        "vib": f"with the cross-entropy and the VIB's bound at γ = {gamma_text(checkpoint.gamma or 0)}",
        "cross-entropy": "with the cross-entropy",
        "own": "by a program of its author's",
        "class-nll": "by the likelihood of image and class",
        "class-nll-regularized": "by the likelihood of image and class, with fixed class means that are far apart",
    }[checkpoint.objective]


def _use(checkpoint: Checkpoint) -> str:
    channels, side, _ = checkpoint.dataset.image_shape
    lines = ["import ibinn_core as ib", "", f'model = ib.load("{checkpoint.id}")  # or the path of this folder']
    lines += [f'pixels = ib.read_image("image.png", side={side}, channels={channels})  # uint8']
    unit = "ib.to_unit(pixels[None])"
    lines += [f"images = ib.dequantize({unit}, model.noise)" if checkpoint.has_likelihood else f"images = {unit}"]
    lines += ["posterior = model.posterior(images)  # (1, K)"]
    if checkpoint.has_likelihood:
        lines += ["log_prob = model.log_prob(images)  # log q(x), in nats"]
    if checkpoint.is_invertible and checkpoint.has_likelihood:
        lines += ["samples = model.sample([0, 1, 2])  # an image of each of three classes"]
    text = "\n".join(lines)
    safe = "The weights are stored as safetensors: nothing in this folder is executed."
    if checkpoint.model == "own-flow":
        safe += (
            f" The network is not in it: a file that registers the flow `{_name(checkpoint)}` must be named in "
            "`IBINN_FLOWS`."
        )
    return f"## Use\n\n```python\n{text}\n```\n\n{safe}"


def _numbers(checkpoint: Checkpoint) -> str:
    card = checkpoint.card
    rows = [
        ("test error", f"{card['error']:.1%}".replace("%", " %")),
        ("ECE of the top label", f"{card['calibration_top_label']:.1%}".replace("%", " %")),
        ("mean confidence", f"{card['confidence']:.1%}".replace("%", " %")),
    ]
    if checkpoint.has_likelihood:
        bits = card["bits_per_dim"]
        rows += [
            ("bits/dim, mean", f"{bits['mean']:.3f}"),
            ("bits/dim, median", f"{bits['median']:.3f}"),
            ("distance of two classes' centres, in deviations of a class", f"{card['separation']:.1f}"),
            ("distance of a class's centre from its μ", f"{card['mean_offset']:.2f}"),
        ]
    if checkpoint.is_invertible:
        rows.append(("largest error of decode(encode(x)), values in [0, 1]", f"{card['reconstruction']:.1e}"))
    measured = card["measured"]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    how = f"Measured on {measured['images']:,} test images"
    if "command" in measured:
        how += f" by `{measured['command']}`"
    if "date" in measured:
        how += f" on {measured['date']}"
    if checkpoint.own_split:
        counts = "{:,} training and {:,} test images".format(*checkpoint.own_split)
        how += f", which are not the official ones: the data set was divided anew, into {counts}"
    how += "; `card.json` has them unrounded, with the paper's calibration."
    how += _tempered(checkpoint)
    return f"## Numbers\n\n| | |\n| --- | --- |\n{table}\n\n{how}"


def _tempered(checkpoint: Checkpoint) -> str:
    """That the posterior was raised to a power after the training, if it was."""
    if checkpoint.power is None:
        return ""
    alignment = checkpoint.card["alignment"]
    text = (
        f" The posterior is that of the training raised to the power {checkpoint.power:.3g} and normalised again, "
        f"which predicts {alignment['held_out_images']:,} held-out training images best (temperature scaling)"
    )
    before = alignment.get("before", {}).get("calibration_top_label")
    return f"{text}." if before is None else f"{text}; before, the ECE of the top label was {100 * before:.1f} %."


def _training(checkpoint: Checkpoint) -> str:
    config, training = checkpoint.config, TrainingConfig.from_dict(checkpoint.config["training"])
    budget, data = config["budget"], config["data"]  # what is missing in them is unknown
    has_length = "batch_size" in config["training"] or bool(budget)  # not of a flow that was trained elsewhere
    said = [_cost(budget, training.batch_size) if has_length else "Nothing is known here of the training's length"]
    earlier = config["ancestry"]
    if earlier:
        epochs = [one.get("epochs") for one in earlier]
        total = "before" if None in epochs else f"for {sum(epochs):.3g} epochs"
        parts = [f"{spent:.3g} epochs on {title}" for title, spent in checkpoint.epochs_elsewhere.items()]
        elsewhere = f" (of that {' and '.join(parts)})" if parts else ""
        said.append(f"from weights that had been trained {total}{elsewhere} with other objectives or settings")
    if training.teachers:
        said.append(f"with the posteriors of {' and '.join(training.teachers)} as targets")
    if mixed_in := config.get("mixed_in"):
        said.append(f"then averaged with the weights of {mixed_in['with']}, whose share is {mixed_in['share']:g}")
    images = f"{data['training_images']:,} training images" if "training_images" in data else "training images"
    return (
        f"## Training\n\n{'; '.join(said)}.\n\nOf the {images}, {training.held_out:,} were held out. "
        "`config.json` has every setting, `history.csv` the course."
    )


def _cost(budget: dict, batch_size: int) -> str:
    epochs = f"{budget['epochs']:.3g} epochs" if "epochs" in budget else "An unknown number of epochs"
    steps = f"{budget['steps']:,} steps" if "steps" in budget else "in steps"
    return f"{epochs} ({steps} of {batch_size} images)"


def _limits(checkpoint: Checkpoint) -> str:
    dataset = checkpoint.dataset
    _, height, width = dataset.image_shape
    said = [
        f"It knows {len(dataset.classes)} classes and images of {width} × {height} pixels, and nothing else.",
        "It is for teaching and research, and has not been made or tested for decisions about anybody.",
        "Changes too small to see, made to mislead it, can mislead it.",
    ]
    if checkpoint.has_likelihood:
        said.append(
            "Its likelihood is that of pixels: images of other kinds can be likelier than those that it was trained "
            "on, and an attack that knows the likelihood can keep it as it was."
        )
    return "## Limits\n\n" + "\n".join(f"- {one}" for one in said)
