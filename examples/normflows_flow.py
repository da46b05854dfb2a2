"""A flow of normflows in the library and in the app: affine couplings for handwritten digits of 8 x 8 pixels.

    python examples/normflows_flow.py
    IBINN_FLOWS=examples/normflows_flow.py IBINN_CHECKPOINTS=runs/own-flow/checkpoints IBINN_DATA=runs/own-flow \
        streamlit run app/main.py

The first command trains the flow and writes a checkpoint. The second shows the checkpoint in the app.
``docs/your-own-flow.md`` explains the steps.
"""

import argparse
from pathlib import Path

import normflows as nf
import torch

import ibinn_core as ib

DIMS = 64  # values of an image


def build() -> nf.NormalizingFlow:
    """Returns the untrained flow; only its initial weights are random."""
    layers = []
    for _ in range(8):  # normflows orders layers from latents to images
        net = nf.nets.MLP([DIMS // 2, 128, 128, DIMS], init_zeros=True)
        layers += [nf.flows.AffineCouplingBlock(net, scale_map="sigmoid"), nf.flows.Permute(DIMS, mode="shuffle")]
    return nf.NormalizingFlow(
        nf.distributions.DiagGaussian(DIMS, trainable=False), [*layers, nf.flows.ActNorm((DIMS,))]
    )


ib.register_flow("normflows_flow", build)


def train(flow: nf.NormalizingFlow, images: torch.Tensor, epochs: int) -> None:
    """Maximises the likelihood of images ``(N, 1, 8, 8)``, as usual with normflows."""
    # The first batch sets the scales of ActNorm. It gets more noise than the batches of the training. Otherwise a pixel
    # that is always black would get a huge scale.
    flow.inverse(ib.add_noise(images, 0.02).flatten(1))
    optimizer = torch.optim.Adam(flow.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs=epochs, steps_per_epoch=len(images) // 100)
    for epoch in range(1, epochs + 1):
        losses = []
        for rows in torch.randperm(len(images)).split(100)[: len(images) // 100]:
            loss = flow.forward_kld(ib.add_noise(images[rows], "uniform").flatten(1))
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
    model = ib.wrap_flow("normflows_flow", flow, digits.dataset.image_shape, digits.dataset.num_classes)
    model.fit_mixture(ib.to_unit(images), torch.from_numpy(labels))
    return ib.export_flow(model, place / "checkpoints" / "small-digits-normflows", digits)


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
