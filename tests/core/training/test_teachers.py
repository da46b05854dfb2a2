"""Trained models as teachers: their answers on cut images are the target of L_Y."""

import numpy as np
import pytest
import torch
from training_helpers import TINY, small_trainer, tiny_config, tiny_images

from ibinn_core import checkpoint
from ibinn_core.models.baselines import ResNet
from ibinn_core.models.objectives import Objective
from ibinn_core.training import trainer as loop
from ibinn_core.training.images import cut_rows, make_batch
from ibinn_core.training.teachers import Teachers

IDS = ("first", "second")


def teacher(seed: int, num_classes: int = 10) -> ResNet:
    torch.manual_seed(seed)
    model = ResNet(TINY, num_classes)
    torch.nn.init.normal_(model.head.weight, std=0.1)  # it begins at zero, and would say the same of every image
    return model.requires_grad_(False).eval()


@pytest.fixture
def teachers(monkeypatch: pytest.MonkeyPatch) -> dict[str, ResNet]:
    """Two checkpoints with the parts that a training reads."""
    models = {id: teacher(seed) for seed, id in enumerate(IDS)}
    monkeypatch.setattr(checkpoint, "load", models.__getitem__)
    return models


def test_teachers_give_the_mean_of_their_posteriors(teachers):
    x = torch.rand(5, 3, 8, 8)
    found = Teachers(IDS, teacher(2), None)(x)
    expected = (teachers["first"].posterior(x) + teachers["second"].posterior(x)) / 2
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found.sum(1), torch.ones(5))
    assert (found[0] - found[1]).abs().max() > 1e-4  # of each image something else


def test_a_teacher_of_other_classes_is_refused_in_one_sentence(teachers):
    teachers["second"] = teacher(1, num_classes=3)
    with pytest.raises(ValueError, match=r"^second cannot teach this model: it knows 3 classes .* not 10 of "):
        Teachers(IDS, teacher(2), None)


def test_the_square_of_a_cut_image_comes_from_a_donor():
    images, _ = tiny_images()
    config = tiny_config(cutout=4, teachers=IDS, shift=0, flip=False)
    index, cut = np.arange(40), np.arange(40) % 2 == 0
    donors = np.arange(50, 72)
    used = set()
    for epoch in range(5):
        x = np.floor(256 * make_batch(images, index, epoch, config, cut, donors).transpose(0, 2, 3, 1))
        changed = (x != images[index]).any(-1)
        assert not changed[~cut].any()
        for row in np.flatnonzero(cut):
            rows, columns = np.flatnonzero(changed[row].any(1)), np.flatnonzero(changed[row].any(0))
            square = np.ix_(range(rows[0], rows[-1] + 1), range(columns[0], columns[-1] + 1))
            sources = [d for d in range(len(images)) if (images[d][square] == x[row][square]).all()]
            assert set(sources) & set(donors.tolist()), row
            used.update(sources)
    assert len(used) > 10  # not one donor for all


def test_a_step_aims_at_labels_and_of_cut_images_at_what_the_teachers_say(tmp_path, teachers, monkeypatch):
    donors = []
    monkeypatch.setattr(loop, "make_batch", lambda *given: (donors.append(given[5]), make_batch(*given))[1])
    trainer = small_trainer(tmp_path, cutout=4, teachers=IDS)
    cut = torch.from_numpy(cut_rows(trainer.config))
    seen, loss = [], trainer.model.loss
    trainer.model.loss = lambda *arguments: (seen.append(arguments), loss(*arguments))[1]
    trainer.total_steps = 1
    trainer.run()
    (x, targets, _, weights), (epoch, indices) = seen[0], next(iter(small_trainer(tmp_path / "b")._batches()))
    assert epoch == 0 and weights.tolist() == [2.0] * 4 + [0.0] * 4 and not cut[:4].any()
    torch.testing.assert_close(targets[~cut], Objective().targets(trainer.labels[torch.from_numpy(indices)], 10)[~cut])
    expected = sum(model.posterior(x[cut]) for model in teachers.values()) / 2
    torch.testing.assert_close(targets[cut], expected)
    np.testing.assert_array_equal(donors[0], trainer.train_indices)  # and none of the held-out images


@pytest.mark.parametrize("objective", [Objective(gamma=2.0), Objective("cross-entropy", None)])
def test_label_distributions_take_the_place_of_smoothed_labels(objective):
    labels, model = torch.arange(8) % 10, teacher(0)
    if objective.kind == "ib":
        model = tiny_config().new_model(10).eval()
    x = torch.rand(8, 3, 8, 8)
    soft = model.loss(x, objective.targets(labels, 10), objective)[0]
    hard = model.loss(x, labels, objective)[0]
    torch.testing.assert_close(soft.total, hard.total)
    unsmoothed = model.loss(x, torch.eye(10)[labels], objective)[0]
    assert (unsmoothed.total - hard.total).abs() > 1e-6
