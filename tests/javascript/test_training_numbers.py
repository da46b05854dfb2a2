"""The model that trains in the browser has the same numbers in Node as a model of the library's layers in PyTorch."""

import numpy as np
import pytest
import torch
from playground_twin import Twin, problem

import ibinn_core as ib
from ibinn_core.layers import SoftPermutation
from ibinn_core.measures.calibration import top_label_error


def cloud(count: int = 60, classes: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    points = torch.randn(count, 2, generator=generator, dtype=torch.float64) * torch.tensor([1.5, 0.4]).double()
    return points + labels[:, None].double() * torch.tensor([1.0, -0.7]).double(), labels


def twin_of(play, given: dict) -> Twin:
    """A model in PyTorch with the rotations of the scripts, and random parameters that the scripts then get."""
    twin = Twin(given)
    twin.take(play("return parametersOf(new Training(problem(arg)));", given))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in twin.trained:
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return twin


def near(found, wanted, tolerance: float = 1e-10) -> None:
    wanted = np.asarray(wanted, np.float64).ravel()
    scale = max(1.0, np.abs(wanted).max())
    np.testing.assert_allclose(np.array(found, np.float64), wanted, rtol=tolerance, atol=tolerance * scale)


def test_units_that_do_not_bend_and_corners_in_one_place(play):
    """w₁ = 0 with both signs of b₁, equal corners, one far outside: PyTorch knows no corners and computes all units."""
    points, labels = cloud()
    given = problem(points, labels, couplings=2, width=8)
    twin = twin_of(play, given)
    with torch.no_grad():
        for layer in (twin.flow.layers[1], twin.flow.layers[3]):
            first = layer.subnetwork.net[0]
            first.weight[:, 0] = torch.tensor([0.0, 0.0, 0.0, 1.0, -1.0, 2.0, 1e-200, -3.0])
            first.bias[:] = torch.tensor([0.5, -0.5, 0.0, 0.25, -0.25, 0.5, 1e300, 300.0]).clamp(max=1e6)
    total = twin.loss(points, labels).total
    total.backward()
    found = play(
        """const training = given(new Training(problem(arg[0])), arg[1]);
        training.evaluate();
        return [training.room.objective.loss, training.flow.gradients];""",
        [given, twin.numbers()],
    )
    near([found[0]], total.detach())
    near(found[1], twin.numbers(gradients=True)["parameters"], 1e-9)


def test_a_latent_far_from_all_means_loses_no_digits(play):
    found = play(
        """const mixture = new Mixture(3);
        mixture.means.set(arg[0]);
        const marginal = mixture.logDensity(...arg[1]);
        return [marginal, ...mixture.posterior, mixture.logPosterior(0), mixture.logPosterior(2)];""",
        [[0, 1e-3, 0, 0, 3, 1], [1e8, 1e3]],
    )
    assert np.isfinite(found).all()
    assert found[3] == 1 and found[4] == pytest.approx(1e3 * 1e-3 - 0.5e-6 - (3e8 + 1e3 - 5), rel=1e-15)


@pytest.mark.parametrize("rate", [10, 1e200])
def test_a_training_that_diverges_says_so_and_ends(play, rate):
    points, labels = cloud()
    found = play(
        """const trainer = new Trainer();
        await trainer.start(problem(arg));
        const first = await trainer.step(2);
        const { finite, step } = await trainer.step(100000);
        const [later, changed] = [await trainer.step(), await trainer.change({ learningRate: 1e-4 })];
        const begun = await trainer.start(problem({ ...arg, learningRate: 0.005 }));
        const fine = await trainer.step(200);
        trainer.close();
        return { first, finite, step, later: later.step, begun, fine };""",
        problem(points, labels, couplings=8, learningRate=rate),
    )
    if rate > 1e100:
        assert not found["first"]["finite"]  # the first step already gives NaN or infinity
    assert not found["finite"] and found["later"] == found["step"] < 1000
    assert found["begun"]["finite"] and found["begun"]["step"] == 0
    assert found["fine"]["finite"] and found["fine"]["lossX"] < found["begun"]["lossX"]


@pytest.mark.parametrize(
    "points", [[[1, 1]], [[1, 1]] * 3, [[1, n / 10] for n in range(9)], [[0, 0], [1, 2], [1e3, 1e3]]]
)
def test_points_in_one_place_on_a_line_or_far_away_leave_numbers(play, points):
    labels = [n % 2 for n in range(len(points))]
    found = play(
        """const training = new Training(problem(arg)), viewer = new Viewer(training);
        for (let step = 0; step < 1000; step++) training.step();
        const { finite, step, grid, samples } = viewer.snapshot();
        return { finite, step, shown: [...grid.z, ...samples.x].every(Number.isFinite) };""",
        problem(points, labels, classes=2, couplings=8),
    )
    assert found == {"finite": True, "step": 1000, "shown": True}


def test_a_snapshot_is_what_the_library_says(play):
    points, labels = cloud(200)
    held, held_labels = cloud(90, seed=5)
    given = problem(points, labels, held=problem(held, held_labels), couplings=3)
    twin = twin_of(play, given)
    found = play(
        """const viewer = new Viewer(given(new Training(problem(arg[0])), arg[1]));
        return viewer.snapshot();""",
        [given, twin.numbers()],
    )
    with torch.no_grad():
        z, log_det = twin.flow(held)
        posterior = twin.mixture.log_posterior(z).exp()
        loss = ib.Objective(gamma=1.0, label_smoothing=0)(twin.mixture, z, log_det, held_labels)
        near([found["lossX"], found["lossY"]], [loss.l_x.item() / 2, -loss.l_y.item()])
        assert found["error"] == pytest.approx((posterior.argmax(1) != held_labels).double().mean().item())
        assert 0.05 < found["error"] < 0.95
        assert found["ece"] == pytest.approx(top_label_error(posterior.numpy(), held_labels.numpy(), bins=10))
        z, log_det = twin.flow(points)
        loss = ib.Objective(gamma=1.0, label_smoothing=0)(twin.mixture, z, log_det, labels)
        error = (twin.mixture.log_posterior(z).argmax(1) != labels).double().mean().item()
        wanted = [loss.l_x.item() / 2, -loss.l_y.item(), error]
        near([found["training"][name] for name in ("lossX", "lossY", "error")], wanted)
        assert found["training"]["error"] != found["error"]
        near(found["z"], z, 1e-6)
        near(found["means"], twin.mixture.means, 1e-6)
        _check_grid(found["grid"], twin)
        _check_field(found["field"], twin)
        samples = torch.tensor(found["samples"]["x"]).double().view(-1, 2)
        y = torch.tensor(found["samples"]["y"])
        noise = twin.flow(samples)[0] - twin.mixture.means[y]
        drawn = torch.randn(2 * len(y), generator=torch.Generator().manual_seed(0)).view(-1, 2)
        np.testing.assert_allclose(noise, drawn, atol=1e-3)  # the samples are sent in single precision
        assert torch.bincount(y).tolist() == [100] * 3


@pytest.mark.parametrize("couplings", [2, 5])
def test_stages_are_the_couplings_one_after_another_with_the_rotations_taken_out(play, couplings):
    points, labels = cloud(300)
    given = problem(points, labels, couplings=couplings)
    twin = twin_of(play, given)
    extra = [[0.3, -0.2], [2.0, 1.0]]
    found = play(
        """const viewer = new Viewer(given(new Training(problem(arg[0])), arg[1]));
        return viewer.stages(Float64Array.from(arg[2].flat()));""",
        [given, twin.numbers(), extra],
    )
    shown = torch.tensor(found["places"]).double().view(found["count"], found["rows"], 2)
    grid = found["lines"] * found["each"]
    few = len(found["labels"])
    assert found["count"] == couplings + 1 and found["rows"] == grid + few + 2 and few == 240
    numbers = torch.arange(few)
    rows = 3 * (numbers // 3 * len(points) // few) + numbers % 3
    assert found["labels"] == labels[rows].tolist()
    given_points = torch.cat([points[rows], torch.tensor(extra).double()])
    layers = twin.flow.layers
    rotations = [layer for layer in layers if isinstance(layer, SoftPermutation)]
    with torch.no_grad():
        h = layers[0](given_points)[0]
        for stage in range(couplings + 1):
            latent = h
            for rotation in rotations[stage:] if stage < couplings else []:
                latent = rotation(latent)[0]
            near(shown[stage, grid:].flatten().numpy(), latent, 1e-6)
            if stage < couplings:
                h = layers[1 + 2 * stage](h)[0]  # first the coupling, and then the rotation before the next coupling
                if stage + 1 < couplings:
                    h = layers[2 + 2 * stage](h)[0]
    moved = shown[1:] - shown[:-1]
    angles = torch.tensor(found["directions"]).double()
    across = moved[..., 0] * angles.sin()[:, None] - moved[..., 1] * angles.cos()[:, None]
    assert across.abs().max() < 1e-5 * shown.abs().max() and moved.norm(dim=-1).mean(1).min() > 0.01
    corners = shown[0, :grid].view(2, -1, found["each"], 2)
    sides = (corners[:, :, -1] - corners[:, :, 0]).norm(dim=-1)  # lines of one direction still have equal lengths
    assert sides.std(1).max() < 1e-5 and len(torch.unique(corners[0, :, 0], dim=0)) == found["lines"] // 2


def _check_grid(grid: dict, twin: Twin) -> None:
    half, each = grid["lines"] // 2, grid["each"]
    places, along = (torch.linspace(-4, 4, n, dtype=torch.float64) for n in (half, each))
    upright = torch.stack([places[:, None].expand(half, each), along.expand(half, each)], 2)
    near(grid["z"], twin.flow(torch.cat([upright, upright.flip(2)]).reshape(-1, 2))[0], 1e-6)


def _check_field(field: dict, twin: Twin) -> None:
    size = field["size"]
    cell = (field["to"] - field["from"]) / size
    centres = field["from"] + cell * (torch.arange(size, dtype=torch.float64) + 0.5)
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    z, log_det = twin.flow(torch.stack([x.flatten(), y.flatten()], 1))
    near(field["density"], twin.mixture.log_marginal(z) + log_det, 1e-6)
    share, label = twin.mixture.log_posterior(z).exp().max(1)
    near(field["share"], share, 1e-6)
    assert field["label"] == label.tolist() and len(set(field["label"])) > 1


def test_the_worker_trains_as_the_modules_do(play):
    points, labels = cloud()
    given = problem(points, labels)
    found = play(
        """const trainer = new Trainer();
        const first = await trainer.start(problem(arg));
        const third = await trainer.step(3);
        const changed = await trainer.change({ gamma: 10, learningRate: 0.02 });
        const slower = { learningRate: 0.01 };
        const all = [trainer.step(2), trainer.step(1), trainer.change(slower), trainer.step(4)];
        const [, sixth, , tenth] = await Promise.all(all);
        const probe = await trainer.probe(problem(arg).points.slice(0, 2));
        const back = await trainer.decode(Float64Array.from(probe.z));
        trainer.close();

        const training = new Training(problem(arg)), viewer = new Viewer(training);
        const same = [viewer.snapshot()];
        const step = (count) => {
            for (let done = 0; done < count; done++) training.step();
            return viewer.snapshot();
        };
        same.push(step(3));
        training.change({ gamma: 10, learningRate: 0.02 });
        same.push(viewer.snapshot(), step(3));
        training.change(slower);
        same.push(step(4));
        const snapshots = [first, third, changed, sixth, tenth];
        const steps = snapshots.map((one) => one.step);
        return { steps, snapshots, same, probe, back, parameters: parametersOf(training) };""",
        given,
    )
    assert found["steps"] == [0, 3, 3, 6, 10]
    assert found["snapshots"] == found["same"]
    near(found["back"], points[0], 1e-9)
    with torch.no_grad():
        twin = Twin(given)
        twin.take(found["parameters"])
        z, log_det = twin.flow(points)
        density = twin.mixture.log_marginal(z) + log_det
        near(found["probe"]["z"], z[0])
        near(found["probe"]["posterior"], twin.mixture.log_posterior(z)[0].exp())
        assert found["probe"]["rank"] == (density > density[0]).double().mean()
