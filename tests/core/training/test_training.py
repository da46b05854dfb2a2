"""Trainings: their batches and steps, killed and resumed, through bad steps, and from the command line."""

import copy
import dataclasses
import math
import multiprocessing.forkserver
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from shape_helpers import SMALL, TINY
from training_helpers import SAVE_EVERY, small_trainer, tiny_config, tiny_images, train, weights, write_data_set
from waiting_helpers import PATIENCE

from ibinn_core.layers import ActNorm, Whitening
from ibinn_core.layers.subnetwork import Subnetwork
from ibinn_core.models import architecture as architectures
from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.objectives import Objective
from ibinn_core.models.preprocessing import bits_per_dim
from ibinn_core.training import DivergedError, Trainer, read_state
from ibinn_core.training import trainer as loop
from ibinn_core.training.configuring import config_for
from ibinn_core.training.images import cut_rows, epoch_order, make_batch
from ibinn_core.training.sources import training_of
from ibinn_core.training.state import FILE, alone_in, model_weights
from ibinn_core.training.trainer import averaged, learning_rate, parameter_groups
from ibinn_core.training.warm_start import warm_start

REPOSITORY = Path(__file__).resolve().parents[3]
HELPERS = REPOSITORY / "tests" / "core" / "helpers"
STEPS = 21  # of tiny_config


@pytest.fixture(scope="module", autouse=True)
def on_one_thread():
    """Two threads do not speed up such small networks."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def assert_same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> None:
    """Bit for bit, NaN never."""
    assert left.keys() == right.keys()
    different = [name for name in left if not torch.equal(left[name], right[name])]
    assert not different


def test_epoch_and_seed_change_augmentation_noise_and_order():
    images, _ = tiny_images()
    config = tiny_config()
    index = np.arange(len(images))
    first = make_batch(images, index, 0, config)
    assert first.dtype == np.float32 and first.shape == (72, 3, 8, 8)
    np.testing.assert_array_equal(make_batch(images, index[[50, 3]], 0, config), first[[50, 3]])  # whatever the others
    for other in (make_batch(images, index, 1, config), make_batch(images, index, 0, tiny_config(seed=6))):
        assert (first != other).any((1, 2, 3)).all()
    orders = [epoch_order(index, seed, epoch) for seed, epoch in ((5, 0), (5, 1), (6, 0))]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), index)
        assert not np.array_equal(order, index)
    assert not any(np.array_equal(orders[0], order) for order in orders[1:])
    np.testing.assert_array_equal(orders[0], epoch_order(index, 5, 0))


def moved(image: np.ndarray, down: int, right: int, flipped: bool) -> np.ndarray:
    """An image mirrored, then moved by whole pixels with mirrored borders: by index, not by padding."""

    def reflected(start: int, size: int) -> list[int]:
        return [size - 1 - abs(size - 1 - abs(i)) for i in range(start, start + size)]

    image = image[:, ::-1] if flipped else image
    return image[reflected(down, image.shape[0])][:, reflected(right, image.shape[1])]


def test_uniform_noise_stays_in_the_pixel_and_flips_and_shifts_are_all_there():
    image = np.random.default_rng(1).integers(0, 256, (1, 7, 9, 2), dtype=np.uint8)
    config = tiny_config(shift=2)
    shifts = range(-2, 3)
    choices = {(d, r, f): moved(image[0], d, r, f) for d in shifts for r in shifts for f in (False, True)}
    found, fractions = [], []
    for epoch in range(1000):
        x = make_batch(image, np.array([0]), epoch, config)[0].transpose(1, 2, 0) * 256
        # No value has left its pixel's interval (whose upper end float32 may round to).
        matches = [key for key, pixels in choices.items() if (np.abs(x - pixels - 0.5) <= 0.5).all()]
        assert len(matches) == 1
        found += matches
        fractions.append(x - choices[matches[0]])
    assert set(found) == set(choices)
    assert 0.45 < np.mean([flipped for _, _, flipped in found]) < 0.55
    fractions = np.concatenate(fractions).ravel()
    assert abs(fractions.mean() - 0.5) < 0.005 and abs(fractions.var() - 1 / 12) < 0.002
    assert fractions.min() < 0.001 and fractions.max() > 0.999


def test_cutout_moves_images_and_hides_one_square_in_the_rows_that_are_cut_alone():
    images, _ = tiny_images()
    config = tiny_config(cutout=4, shift=0, flip=False)
    index, cut = np.arange(len(images)), np.arange(len(images)) % 2 == 0
    sizes = set()
    for epoch in range(30):
        x = 256 * make_batch(images, index, epoch, config, cut).transpose(0, 2, 3, 1)
        changed = (np.abs(x - images - 0.5) > 0.5).any(-1)
        assert not changed[~cut].any()
        for row in np.flatnonzero(cut):
            hidden = (np.abs(x[row] - np.round(255 * np.array(TINY.mean)) - 0.5) <= 0.5).all(-1)
            assert (changed[row] <= hidden).all() and hidden.any()
            height, width = hidden.any(1).sum(), hidden.any(0).sum()
            assert hidden.sum() == height * width
            sizes.add((int(height), int(width)))
    # The square's centre lies anywhere in the image, so that the border cuts it too.
    assert sizes == {(height, width) for height in (2, 3, 4) for width in (2, 3, 4)}
    x = 256 * make_batch(images, index, 0, tiny_config(cutout=1, shift=2, flip=False), cut).transpose(0, 2, 3, 1)
    changed = (np.abs(x - images - 0.5) > 0.5).any(-1).sum((1, 2))
    assert not changed[~cut].any() and (changed[cut] > 10).mean() > 0.8  # one shift of 25 is none


def test_half_of_a_batch_is_cut_and_counts_for_l_y_alone():
    config = tiny_config(cutout=4)
    np.testing.assert_array_equal(cut_rows(config), [False] * 4 + [True] * 4)
    assert not cut_rows(tiny_config()).any()
    x, labels = torch.rand(8, 3, 8, 8), torch.arange(8)
    model = config.new_model(10).eval()
    weights = torch.tensor([2.0] * 4 + [0.0] * 4)
    weighted = model.loss(x, labels, config.objective, weights)[0]
    whole, uncut = (model.loss(x[:n], labels[:n], config.objective)[0] for n in (8, 4))
    torch.testing.assert_close(weighted.l_x, uncut.l_x)
    torch.testing.assert_close(weighted.l_y, whole.l_y)
    torch.testing.assert_close(weighted.total, uncut.l_x / 192 - whole.l_y)  # γ = 1: Eq. 9's 2 / (1 + γ) is 1
    for wrong in ({"cutout": 4, "objective": Objective(gamma=0)}, {"teachers": ("resnet",)}):
        with pytest.raises(ValueError, match="cutout"):
            tiny_config(**wrong)


def test_gaussian_noise_has_its_deviation_around_pixel_centres():
    images, _ = tiny_images(400)
    config = tiny_config(noise=1e-3, flip=False, shift=0)
    x = make_batch(images, np.arange(len(images)), 0, config).transpose(0, 2, 3, 1)
    noise = x.astype(np.float64) - (images + 0.5) / 256
    assert abs(noise.std() / 1e-3 - 1) < 0.01 and abs(noise.mean()) < 2e-5
    assert abs((noise**4).mean() / noise.std() ** 4 - 3) < 0.1  # Gaussian, not anything else of that width


def test_each_epoch_visits_each_training_image_once(tmp_path):
    trainer = small_trainer(tmp_path, epochs=2.5)
    seen = {}
    for epoch, indices in trainer._batches():
        seen.setdefault(epoch, []).extend(indices.tolist())
        trainer.progress.step += 1
    assert len(trainer.held_out) == 16
    assert [len(indices) for indices in seen.values()] == [56, 56, 32]  # 2.5 epochs of 7 steps: 18 steps
    assert sorted(seen[0]) == sorted(seen[1]) == trainer.train_indices.tolist()
    assert not set(seen[0]) & set(trainer.held_out.tolist())


@pytest.mark.parametrize(
    "changes, precision, classes, part",
    [
        ({"held_out": 1000, "batch_size": 64}, "fp32", None, "36 training images do not fill one batch of 64"),
        ({}, "fp32", 3, "labels must be from 0 to 2, not 9"),
        ({}, "fp8", None, "precision"),
        ({}, "fp32", 194, "194 classes need images of at least 193 values"),
    ],
)
def test_a_training_refuses(tmp_path, changes, precision, classes, part):
    with pytest.raises(ValueError, match=part):
        Trainer(tiny_config(**changes), *tiny_images(), tmp_path, precision, num_classes=classes)


@pytest.mark.parametrize("count, held_out, kept", [(20, 16, 10), (3, 1000, 1), (20, 0, 0)])
def test_few_images_or_none_held_out(tmp_path, count, held_out, kept):
    config = tiny_config(held_out=held_out, batch_size=2)
    trainer = Trainer(config, *tiny_images(count), tmp_path, "fp32", num_classes=193)  # as many as there can be
    assert len(trainer.held_out) == kept
    assert math.isnan(trainer._validate(trainer.model)["error"]) == (kept == 0)


def test_learning_rate_warms_up_and_follows_a_cosine_to_zero():
    config = tiny_config(learning_rate=2.0, warmup=0.1)
    rates = [learning_rate(step, 100, config) for step in range(101)]
    np.testing.assert_allclose(rates[:10], 2 * np.arange(1, 11) / 10)
    np.testing.assert_allclose(rates[10], 2)
    np.testing.assert_allclose(rates[10:], 1 + np.cos(np.pi * np.arange(91) / 90), atol=1e-12)
    assert rates[99] > rates[100] == pytest.approx(0, abs=1e-12)
    assert learning_rate(0, 1, config) == 2  # a training of one step is not one of no step
    config = tiny_config(learning_rate=2.0, warmup=0.01, decay=0.5, floor=0.25)  # after a plateau, to a floor
    rates = [learning_rate(step, 101, config) for step in range(102)]
    falling = 0.5 + 0.75 * (1 + np.cos(np.pi * np.arange(51) / 50))
    np.testing.assert_allclose(rates, [*[2] * 51, *falling], atol=1e-12)
    assert learning_rate(0, 100, tiny_config(learning_rate=2.0, warmup=0)) == 2


@pytest.mark.parametrize("learn_means, learn_weights", [(True, False), (True, True), (False, False)])
def test_every_parameter_is_in_one_group(learn_means, learn_weights):
    model = GenerativeClassifier(TINY, learn_means=learn_means, learn_weights=learn_weights)
    groups = parameter_groups(model, tiny_config(weight_decay=0.1))
    place = {id(p): group for group in groups for p in group["params"]}
    assert sum(len(group["params"]) for group in groups) == len(place)  # none twice
    names = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert set(place) == {id(p) for p in names.values()}
    for name, p in names.items():
        matrix = name.startswith("flow.") and name.endswith("weight") and p.ndim > 1
        assert place[id(p)]["weight_decay"] == (0.1 if matrix else 0), name
        assert place[id(p)]["factor"] == (loop.MEANS_FACTOR if name.startswith("mixture.") else 1), name
    decayed = {name for name in names if place[id(names[name])]["weight_decay"]}
    norms = {f"{name}." for name, module in model.named_modules() if isinstance(module, loop.nn.BatchNorm2d)}
    assert decayed and norms and not any(name.startswith(tuple(norms)) for name in decayed)


def test_the_optimiser_gets_the_schedule(tmp_path):
    trainer = small_trainer(tmp_path, epochs=1)
    used = []
    step = trainer.optimizer.step

    def recorded(*arguments, **options):
        used.append([group["lr"] for group in trainer.optimizer.param_groups])
        return step(*arguments, **options)

    trainer.optimizer.step = recorded
    trainer.run()
    expected = [learning_rate(step, 7, trainer.config) for step in range(7)]
    np.testing.assert_allclose(used, [[rate, rate, loop.MEANS_FACTOR * rate] for rate in expected])


@pytest.fixture(scope="module")
def processes():
    """Starts :func:`train` in fresh processes, forked from one that has only imported what it needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["training_helpers"])
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH"), str(HELPERS)]))
    with pytest.MonkeyPatch.context() as patch:  # the server imports with its own path, not with this one's
        patch.setenv("PYTHONPATH", path)
        patch.setenv("OMP_NUM_THREADS", "1")
        multiprocessing.forkserver.ensure_running()

    def start(folder, precision, resume=False, kill=None) -> int:
        process = context.Process(target=train, args=(folder, precision, resume, kill))
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            pytest.fail("a training of 21 small steps hangs")
        return process.exitcode

    return start


@pytest.mark.slow
@pytest.mark.parametrize("precision, first, second, third", [("fp32", 16, 4, 1), ("bf16", 8, 2, 5)])
def test_killed_and_resumed_ends_as_never_killed(tmp_path, processes, precision, first, second, third):
    """In a step before and after a saving, while the state is written, and before it is renamed."""
    moments = [("in step", SAVE_EVERY - 2), ("in step", first), ("in writing", second), ("before rename", third)]
    assert processes(tmp_path / "whole", precision) == 0
    tensors, progress, config = read_state(tmp_path / "whole")
    assert progress.step == STEPS and len(progress.history) == 3
    assert any(name.startswith("optimizer.exp_avg_sq.") for name in tensors)
    for number, kill in enumerate(moments):
        folder = tmp_path / str(number)
        assert processes(folder, precision, kill=kill) == -signal.SIGKILL, kill
        _, interrupted, _ = read_state(folder)  # whatever the moment, there is a whole state
        assert interrupted.step < STEPS and interrupted.step % SAVE_EVERY == 0
        assert processes(folder, precision, resume=True) == 0
        resumed, again, _ = read_state(folder)
        assert_same(tensors, resumed)
        timeless = [{**row, "seconds": 0} for row in progress.history]
        assert [{**row, "seconds": 0} for row in again.history] == timeless  # the epoch's sums go on too
        assert not list(folder.glob("*.partial"))


def test_resume_refuses_what_is_not_this_training(tmp_path):
    with pytest.raises(FileNotFoundError, match="no training state"):
        small_trainer(tmp_path, epochs=1).resume()
    small_trainer(tmp_path / "here" / "trunk", epochs=1 / 7).run()
    small_trainer(tmp_path, epochs=1 / 7, init=str(tmp_path / "here" / "trunk")).run()
    with pytest.raises(ValueError, match=r"differs in learning_rate \(.*, not 0.5\): name another folder"):
        small_trainer(tmp_path, epochs=1 / 7, init=str(tmp_path / "here" / "trunk"), learning_rate=0.5).resume()
    again = small_trainer(tmp_path, epochs=1 / 7, init="there/trunk")  # the same weights, by another path
    again.resume()
    del again.model.mixture.means  # as an older version of this code may lack it
    with pytest.raises(ValueError, match="its tensors differ"):
        again.resume()


def test_two_trainings_do_not_share_a_folder(tmp_path):
    with alone_in(tmp_path), pytest.raises(RuntimeError, match="another process is training in .*: wait for it"):
        small_trainer(tmp_path).run()
    assert not (tmp_path / FILE).exists()
    small_trainer(tmp_path, epochs=1).run()  # the lock is free again
    assert read_state(tmp_path)[1].finished


def watched(trainer: Trainer) -> list[tuple[dict, dict]]:
    """Fills, while it trains, with the weights and the optimiser's state before and after each step."""
    pairs, step = [], trainer._step

    def both() -> dict[str, torch.Tensor]:
        optimizer = {
            f"{key} {name}": value.clone()
            for name, parameter in trainer.model.named_parameters()
            for key, value in trainer.optimizer.state.get(parameter, {}).items()
        }
        return {**weights(trainer), **optimizer}

    def recorded(*arguments):
        before = both()
        step(*arguments)
        pairs.append((before, both()))

    trainer._step = recorded
    return pairs


def poison(trainer, patch, steps=(2, 3, 5)):
    """Makes the images of some steps NaN, so that batch norms see it too."""

    def make_batch(*arguments):
        return batches(*arguments) * np.float32("nan" if trainer.progress.step in steps else 1)

    batches = loop.make_batch
    patch.setattr(loop, "make_batch", make_batch)


def spoil_loss(factor: float):
    """Images and activations are good, so batch norms have moved on."""
    objective = Objective.__call__

    def spoil(trainer, patch):
        def spoilt(self, *arguments):
            loss = objective(self, *arguments)
            return loss._replace(total=loss.total * factor) if trainer.progress.step in (2, 3, 5) else loss

        patch.setattr(Objective, "__call__", spoilt)

    return spoil


def spoil_gradient(trainer, patch):
    means = trainer.model.mixture.means
    means.register_hook(lambda gradient: gradient * torch.inf if trainer.progress.step in (2, 3, 5) else gradient)


@pytest.mark.parametrize("spoil", [poison, spoil_loss(math.nan), spoil_loss(1e9), spoil_gradient])
def test_a_bad_step_changes_nothing(tmp_path, monkeypatch, capfd, spoil):
    trainer = small_trainer(tmp_path, epochs=1, average=0.9)
    spoil(trainer, monkeypatch)
    pairs = watched(trainer)
    trainer.run()
    for number, (before, after) in enumerate(pairs):
        assert all(value.isfinite().all() for value in after.values())
        if number in (2, 3, 5):
            assert_same(before, after)
        else:
            new = after.keys() - before.keys()
            changed = new | {name for name in before if not torch.equal(before[name], after[name])}
            assert any("running_var" in name for name in changed) and "mixture.means" in changed
    assert trainer.average.n_averaged == 1 + 7 - 3
    assert all(value.isfinite().all() for value in trainer.average.module.state_dict().values())
    assert trainer.progress.step == 7 and trainer.progress.skipped == read_state(tmp_path)[1].skipped == 3
    row = trainer.progress.history[-1]
    assert row["skipped_steps"] == 3 and math.isfinite(row["train_loss"]) and math.isfinite(row["bits_per_dim"])
    out, err = capfd.readouterr()
    assert "step 2 skipped: loss" in out and "step 5 skipped" in out and "skipped=3" in err


@pytest.mark.slow
def test_a_diverging_training_stops_with_the_last_good_state(tmp_path, monkeypatch):
    trainer = small_trainer(tmp_path, epochs=6, save_every=3)
    poison(trainer, monkeypatch, range(10, 1000))
    with pytest.raises(DivergedError, match=r"diverged: 20 steps in a row up to step 29 .*last good state.*--lr"):
        trainer.run()
    tensors, progress, _ = read_state(tmp_path)
    assert progress.step == 9 and progress.skipped == 0  # from before the first bad step
    assert all(value.isfinite().all() for value in tensors.values())
    again = small_trainer(tmp_path, epochs=6, save_every=3)
    again.resume()
    monkeypatch.undo()
    assert math.isfinite(again.run().log_prob(torch.full((1, 3, 8, 8), 0.5)).item())
    assert again.progress.step == 42 and again.progress.skipped == 0


def test_a_learning_rate_without_measure_diverges_in_words(tmp_path, monkeypatch):
    """No injection: the real way there. Nothing on the way may end in another error."""
    trainer = small_trainer(tmp_path, epochs=20, learning_rate=1e6, save_every=1)
    with pytest.raises(DivergedError):
        trainer.run()
    tensors, _, _ = read_state(tmp_path)
    assert all(value.isfinite().all() for value in tensors.values())
    trainer = small_trainer(tmp_path / "early", epochs=20, save_every=1000)
    poison(trainer, monkeypatch, range(100))
    with pytest.raises(DivergedError):
        trainer.run()
    assert read_state(tmp_path / "early")[1].step == 0  # there is a good state from the start on


@pytest.mark.filterwarnings("ignore:8-bit pixels")
def test_gaussian_training_is_evaluated_without_noise(tmp_path):
    """Eq. 42: at the pixel centres themselves."""
    noise = 0.01
    trainer = small_trainer(tmp_path, epochs=1, noise=noise)
    model = trainer.run()
    row = trainer.progress.history[-1]
    x = torch.from_numpy((trainer.images[trainer.held_out] + 0.5) / 256).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        log_prob = model.log_prob(x).double()
    bits = -log_prob / (192 * math.log(2)) - 0.5 * math.log2(2 * math.pi * noise**2)
    assert row["bits_per_dim"] == pytest.approx(bits.mean().item(), rel=1e-5)
    error = (model.predict(x) != trainer.labels[trainer.held_out]).float().mean().item()
    assert row["error"] == pytest.approx(error)
    assert row["reconstruction"] < 1e-4


def test_uniform_training_is_evaluated_on_dequantised_images(tmp_path):
    trainer = small_trainer(tmp_path, epochs=1)
    model = trainer.run()
    images = torch.from_numpy(trainer.images[trainer.held_out]).permute(0, 3, 1, 2)
    draws = torch.Generator().manual_seed(1)
    with torch.no_grad():
        dequantised = [(images + torch.rand(images.shape, generator=draws)) / 256 for _ in range(20)]
        bits = [bits_per_dim(model.log_prob(x), 192).mean().item() for x in dequantised]
    assert abs(trainer.progress.history[-1]["bits_per_dim"] - np.mean(bits)) < 5 * np.std(bits)


def test_validation_leaves_the_training_as_it_was(tmp_path):
    trainer = small_trainer(tmp_path, "bf16")
    trainer._initialise()
    before, state = weights(trainer), torch.get_rng_state()
    trainer._validate(trainer.model)
    assert_same(before, weights(trainer))
    assert torch.equal(state, torch.get_rng_state())
    dtypes = {m.autocast_dtype for m in trainer.model.modules() if isinstance(m, Subnetwork)}
    assert dtypes == {torch.bfloat16}
    trainer._step(0, trainer.train_indices[:8])
    assert trainer.progress.sums["steps"] == 1


def test_a_new_training_is_fitted_to_its_data(tmp_path):
    trainer = small_trainer(tmp_path)
    trainer._initialise()
    layers = [m for m in trainer.model.modules() if isinstance(m, (ActNorm, Whitening))]
    assert layers and all(layer.fitted for layer in layers)
    images = torch.from_numpy(trainer.images[trainer.train_indices]).permute(0, 3, 1, 2)
    with torch.no_grad():
        z = trainer.model.eval().encode((images + 0.5) / 256)
    assert abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.2


@pytest.fixture
def command(tmp_path, monkeypatch, ibinn):
    """``command("--lr", "0")``: exit status, stdout and stderr of a small training in this process."""
    write_data_set(tmp_path, train=300, test=20)
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.setitem(architectures.PRESETS, "small", SMALL)

    def run(*arguments: str, out: str = "run") -> tuple[int, str, str]:
        defaults = [*"--batch-size 16 --epochs 0.5 --precision fp32 --out".split(), str(tmp_path / out)]
        return ibinn("train", "--preset", "small", *defaults, *arguments)

    return run


def test_command_trains_refuses_to_overwrite_and_resumes(tmp_path, command):
    status, out, err = command()
    assert status == 0 and "train_error" in out
    state = tmp_path / "run" / FILE
    tensors, progress, config = read_state(tmp_path / "run")
    assert progress.step == 4  # half an epoch of 150 training images, 16 a step
    assert config["objective"]["gamma"] == 1

    before = state.read_bytes()
    status, out, err = command("--lr", "1")
    assert status == 1 and "belongs to another training, which differs in learning_rate (0.003, not 1.0)" in err
    status, out, err = command("--gamma", "1", "--objective", "class-nll")
    assert status == 1 and "only the objectives 'ib' and 'vib' have a gamma" in err
    assert state.read_bytes() == before

    assert command()[0] == 0  # it is finished: nothing is left to do, nothing is lost
    again, after, _ = read_state(tmp_path / "run")
    assert_same(tensors, again)
    assert dataclasses.asdict(after) == dataclasses.asdict(progress)

    (tmp_path / "file").write_text("mine")
    assert command(out="file")[0] == 1 and (tmp_path / "file").read_text() == "mine"
    assert config_for(init=str(tmp_path / "run")).architecture == SMALL  # without a preset, that of its source
    assert config_for().architecture == architectures.PRESETS["cpu"]


def test_it_is_the_exponential_average_of_all_that_trains():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    average = averaged(net, 0.6)
    expected = {name: value.clone() for name, value in net.state_dict().items() if value.is_floating_point()}
    for step in range(1, 16):
        net(torch.randn(4, 2, 3, 3) + step)  # moves the statistics of the batch norm
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(torch.randn(parameter.shape))
        average.update_parameters(net)
        decay = min(0.6, (1 + step) / (10 + step))
        now = net.state_dict()
        expected = {name: decay * value + (1 - decay) * now[name] for name, value in expected.items()}
    assert decay == 0.6 and now["1.running_mean"].abs().max() > 0.1
    found = average.module.state_dict()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    assert found["1.num_batches_tracked"] == 15
    assert averaged(net, 0.6, steps=15).n_averaged == average.n_averaged  # a resumed one goes on


def test_the_average_is_validated_returned_exported_and_started_from(tmp_path, monkeypatch):
    small_trainer(tmp_path / "plain").run()
    trainer = small_trainer(tmp_path, average=0.9)
    seen = []
    validate = trainer._validate
    monkeypatch.setattr(trainer, "_validate", lambda of: (seen.append(copy.deepcopy(of.state_dict())), validate(of))[1])
    model = trainer.run()
    tensors, _, _ = read_state(tmp_path)
    plain, _, _ = read_state(tmp_path / "plain")
    assert all(torch.equal(value, tensors[name]) for name, value in plain.items())  # it goes on from its own weights
    average = {name.removeprefix("average."): value for name, value in tensors.items() if name not in plain}
    assert any(not torch.equal(value, tensors[f"model.{name}"]) for name, value in average.items())
    monkeypatch.setattr("ibinn_core.data.load", lambda *_: (trainer.images, trainer.labels.numpy()))
    target = tiny_config().new_model(10)
    warm_start(tmp_path, target)
    exported = training_of(tmp_path).model
    for state in (seen[-1], model.state_dict(), model_weights(tensors), exported.state_dict(), target.state_dict()):
        assert all(torch.equal(state[name], value) for name, value in average.items())
