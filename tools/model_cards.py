"""Writes the model cards (README.md) of the committed checkpoints: python tools/model_cards.py"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ibinn_core as ib  # noqa: E402
from app.inference.slider import gamma_text  # noqa: E402
from app.widgets.markdown import markdown_text  # noqa: E402
from ibinn_core.files import write_bytes  # noqa: E402
from ibinn_core.measures import UNITS, on  # noqa: E402
from ibinn_core.models.kinds import KINDS  # noqa: E402

CARD_FILE = "README.md"
_TEMPLATE = """\
# {title}

This is {kind}, trained on {data} with the objective `{objective}`. It belongs to IB-INN Explorer, which follows
[Ardizzone et al. 2020](https://arxiv.org/abs/2001.06448).

## Use

```python
import ibinn_core as ib

model = ib.load({id})  # or the path of this folder
pixels = ib.read_image("image.png", side={side}, channels={channels})  # uint8
images = model.preprocess(pixels)
posterior = model.posterior(images)  # (1, {classes})
{likelihood}```

The weights are stored as safetensors: nothing in this folder is executed.{builder}

## Numbers on {images:,} test images

| | |
| --- | --- |
{numbers}

`card.json` has all numbers and how they were measured. `config.json` has every setting and the earlier trainings.

## Limits

- The model knows {classes} classes and images of {side} × {side} pixels, and nothing else.
- It is for teaching and research, not for decisions about people.
- Changes too small to see can mislead it.
{limit}"""
_LIKELIHOOD = """\
log_prob = model.log_prob(images)  # log q(x), in nats
samples = model.sample(classes=[0, 1, 2])  # one image of each of the classes 0, 1 and 2
"""
_LIMIT = """\
- The likelihood is about pixels, not content: images of other kinds can be likelier than training images.
"""


def model_card(checkpoint: ib.Checkpoint) -> str:
    """Returns the model card of a checkpoint in Markdown: how to use it, its measured numbers, and its limits."""
    channels, side, _ = checkpoint.dataset.image_shape
    title = markdown_text(checkpoint.dataset.title)  # may come from a stranger
    kind, builder = KINDS[checkpoint.model].name, checkpoint.training.architecture.builder
    gamma = checkpoint.objective if checkpoint.gamma is None else f"γ = {gamma_text(checkpoint.gamma)}"
    numbers = [(one.name, one.of_card(checkpoint.card), UNITS[one.unit]) for one in on("card")]
    return _TEMPLATE.format(
        title=f"{builder or kind.partition(' ')[2]}, {gamma} on {title}",
        kind=kind,
        data=title,
        objective=checkpoint.objective,
        id=json.dumps(checkpoint.id, ensure_ascii=False),
        side=side,
        channels=channels,
        classes=len(checkpoint.classes),
        likelihood=_LIKELIHOOD if checkpoint.has_likelihood else "",
        limit=_LIMIT if checkpoint.has_likelihood else "",
        builder=f" Name the file that builds the flow `{builder}` in `IBINN_FLOWS`." if builder else "",
        images=checkpoint.card["measured"]["images"],
        numbers="\n".join(f"| {name} | {value:,.4g}{unit} |" for name, value, unit in numbers if value is not None),
    )


def main() -> None:
    """Writes all model cards."""
    for checkpoint in ib.checkpoints(ROOT / "checkpoints"):
        write_bytes(checkpoint.path / CARD_FILE, model_card(checkpoint).encode())


if __name__ == "__main__":
    main()
