"""A flow of FrEIA in the library and in the app: coupling blocks for handwritten digits of 8 x 8 pixels.

    python examples/freia_flow.py
    IBINN_FLOWS=examples/freia_flow.py IBINN_CHECKPOINTS=runs/own-flow/checkpoints IBINN_DATA=runs/own-flow \
        streamlit run app/main.py

The first command trains the flow and writes a checkpoint. The second shows the checkpoint in the app. Unlike the flows
of the other two examples, this flow is trained as an IB-INN at γ = 1. ``docs/your-own-flow.md`` explains the steps.
"""

import argparse
from pathlib import Path

import FrEIA.framework as Ff
import FrEIA.modules as Fm
import torch
from torch import nn

import ibinn_core as ib


def build() -> Ff.SequenceINN:
    """Returns the untrained flow; only its initial weights are random."""

    def subnet(inputs: int, outputs: int) -> nn.Module:
        first, second = nn.Linear(inputs, 128), nn.Linear(128, 128)
        drop = nn.Dropout(0.1)
        return nn.Sequential(first, nn.ReLU(), drop, second, nn.ReLU(), drop, nn.Linear(128, outputs))

    flow = Ff.SequenceINN(1, 8, 8)
    flow.append(Fm.Flatten)
    flow.append(Fm.ActNorm)
    for _ in range(8):  # a block's random permutation is a parameter, so a checkpoint stores it
        flow.append(Fm.AllInOneBlock, subnet_constructor=subnet, affine_clamping=2.0)
    return flow


ib.register_flow("freia_flow", build)


def train(model: ib.Classifier, images: torch.Tensor, labels: torch.Tensor, epochs: int) -> None:
    """Trains flow and mixture on images ``(N, 1, 8, 8)`` at γ = 1 (Eq. 9)."""
    objective = ib.Objective(gamma=1.0)
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs=epochs, steps_per_epoch=len(images) // 100)
    model.train()
    for epoch in range(1, epochs + 1):
        losses = []
        for rows in torch.randperm(len(images)).split(100)[: len(images) // 100]:
            loss = model.loss(ib.add_noise(images[rows], "uniform"), labels[rows], objective)[0].total
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4g}")


def make(place: Path, epochs: int) -> ib.Checkpoint:
    """Trains the flow, and writes images and checkpoint into the folder ``place``."""
    import small_digits

    torch.manual_seed(0)
    digits = ib.data.splits(str(small_digits.write(place)), small_digits.SIDE, held_out=200)
    images, labels = ib.to_unit(digits.train[0]), torch.from_numpy(digits.train[1])
    flow = build()
    # The first batch sets the scales of ActNorm. It gets more noise than the batches of the training. Otherwise a pixel
    # that is always black would get a huge scale.
    flow(ib.add_noise(images, 0.02))
    model = ib.wrap_flow("freia_flow", flow, digits.dataset.image_shape, digits.dataset.num_classes)
    train(model, images, labels, epochs)
    model.eval()
    z = model.encode(ib.add_noise(images, "uniform")).detach()
    model.fit_alignment(z)  # the library's own models have an alignment too
    return ib.export_flow(model, place / "checkpoints" / "small-digits-freia", digits)


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", nargs="?", type=Path, default=Path("runs/own-flow"), help="folder to write to")
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    made = make(options.place, options.epochs)
    print(f"{made.id}: {made.card['error']:.1%} wrong, {made.card['bits_per_dim']['mean']:.2f} bits/dim")


if __name__ == "__main__":
    main()
