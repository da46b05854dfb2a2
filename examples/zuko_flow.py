"""A flow of zuko in the library and in the app: a neural spline flow of handwritten digits of 8 x 8 pixels.

    python examples/zuko_flow.py
    IBINN_FLOWS=examples/zuko_flow.py IBINN_CHECKPOINTS=runs/own-flow/checkpoints IBINN_DATA=runs/own-flow \
        streamlit run app/main.py

The first command trains the flow and writes a checkpoint. The second shows the checkpoint in the app.
``docs/your-own-flow.md`` explains the steps.
"""

import argparse
from pathlib import Path

import torch
import zuko

import ibinn_core as ib

DIMS = 64  # values of an image


def build() -> zuko.flows.Flow:
    """Returns the untrained flow; only its initial weights are random."""
    from zuko.lazy import UnconditionalTransform
    from zuko.transforms import MonotonicAffineTransform

    # Shift and log-scale of each pixel are buffers, so a checkpoint stores them.
    scaling = UnconditionalTransform(MonotonicAffineTransform, torch.zeros(DIMS), torch.zeros(DIMS), buffer=True)
    spline = zuko.flows.NSF(DIMS, transforms=3, bins=8, passes=2, hidden_features=(128, 128))
    return zuko.flows.Flow([scaling, *spline.transform.transforms], spline.base)


ib.register_flow("zuko_flow", build)


def train(flow: zuko.flows.Flow, images: torch.Tensor, epochs: int) -> None:
    """Maximises the likelihood of images ``(N, 1, 8, 8)``, as usual with zuko."""
    # This noise is stronger than in training. Otherwise a pixel that is always black would get a huge scale.
    noisy = ib.add_noise(images, 0.02).flatten(1)
    shift, log_scale = flow.transform.transforms[0].buffers()
    log_scale.copy_(-noisy.std(0).log())
    shift.copy_(-noisy.mean(0) * log_scale.exp())
    optimizer = torch.optim.Adam(flow.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs=epochs, steps_per_epoch=len(images) // 100)
    for epoch in range(1, epochs + 1):
        losses = []
        for rows in torch.randperm(len(images)).split(100)[: len(images) // 100]:
            loss = -flow().log_prob(ib.add_noise(images[rows], "uniform").flatten(1)).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(flow.parameters(), 10.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4g}")


def make(place: Path, epochs: int) -> ib.Checkpoint:
    """Trains the flow, and writes images and checkpoint into the folder ``place``."""
    import small_digits

    torch.manual_seed(0)
    digits = ib.data.splits(str(small_digits.write(place)), small_digits.SIDE, held_out=200)
    images, labels = digits.train
    flow = build()
    train(flow, ib.to_unit(images), epochs)
    model = ib.wrap_flow("zuko_flow", flow, digits.dataset.image_shape, digits.dataset.num_classes)
    model.fit_mixture(ib.to_unit(images), torch.from_numpy(labels))
    return ib.export_flow(model, place / "checkpoints" / "small-digits-zuko", digits)


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", nargs="?", type=Path, default=Path("runs/own-flow"), help="folder to write to")
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    made = make(options.place, options.epochs)
    print(f"{made.id}: {made.card['error']:.1%} wrong, {made.card['bits_per_dim']['mean']:.2f} bits/dim")


if __name__ == "__main__":
    main()
