"""Flows of FrEIA, normflows, zuko and of no library at all as models: recognised, inverted, measured, fitted."""

import copy
import sys

import numpy as np
import pytest
import torch
from flow_helpers import check_log_det, seeded
from own_flow_helpers import NAMES, SHAPE, WAYS, Affine, digits, example, name_files
from torch import nn

import ibinn_core as ib
from ibinn_core.models import flow_registry as builders
from ibinn_core.models.adapter import FlowAdapter
from ibinn_core.models.flow_registry import build, why_unknown
from ibinn_core.models.mixture import linear_discriminant


@pytest.fixture
def double(monkeypatch):
    """Double precision, even if a library creates tensors."""
    before = torch.get_default_dtype()
    yield lambda: torch.set_default_dtype(torch.float64)
    torch.set_default_dtype(before)


def fitted(flow, classes: int = 3) -> ib.GenerativeClassifier:
    """A model of it, its mixture fitted to random images."""
    model = ib.wrap_flow("mine", flow, SHAPE, classes)
    model.fit_mixture(ib.to_unit(digits(90)), torch.arange(90) % classes)
    return model


@pytest.mark.parametrize("name", NAMES)
def test_the_log_determinant_is_the_jacobians(name, double):
    module, images = example(name), ib.to_unit(digits(120))
    torch.manual_seed(0)
    flow = module.build()  # its first layer is set to data, and its weights leave their initial values
    if name == "freia":
        flow(ib.add_noise(images, 0.02))
    else:
        module.train(flow, images, epochs=1)
    model = fitted(flow).double()
    double()
    x = ib.to_unit(digits(2)).double() + 1e-4
    z, log_det = model.flow(x)
    for row in range(2):
        copies = x[row].expand(64, *SHAPE).clone().requires_grad_()  # one for each row of the Jacobian
        (jacobian,) = torch.autograd.grad(model.flow(copies)[0], copies, torch.eye(64))
        jacobian = jacobian.reshape(64, 64)
        # FrEIA's rotations are stored in float32, and orthogonal only as far as that goes.
        assert abs(torch.linalg.slogdet(jacobian).logabsdet - log_det[row]) < (1e-5 if name == "freia" else 1e-9)
    again, back = model.flow.inverse_and_log_det(z)
    torch.testing.assert_close(again, x, rtol=0, atol=1e-6)
    torch.testing.assert_close(back, -log_det, rtol=0, atol=1e-4)
    assert log_det.abs().min() > 1


@pytest.mark.parametrize("way", WAYS)
def test_the_same_for_every_way_of_being_a_flow(way):
    adapter = FlowAdapter(WAYS[way](), SHAPE).double()
    check_log_det(adapter, torch.rand(2, *SHAPE, generator=seeded(0), dtype=torch.float64))


def test_a_flow_is_tried_without_setting_what_takes_its_scale_from_the_first_batch():
    freia, normflows = example("freia").build(), example("normflows").build()
    ib.wrap_flow("mine", freia, SHAPE)
    ib.wrap_flow("mine", normflows, SHAPE)
    assert freia.module_list[1].init_on_next_batch and not normflows.flows[-1].data_dep_init_done


class Given(nn.Module):
    """A map of latents by functions that are given."""

    def __init__(self, encode, decode=None) -> None:
        super().__init__()
        self.encode, self.decode = encode, decode


@pytest.mark.parametrize(
    "flow, shape, message",
    [
        (nn.Linear(64, 64), SHAPE, "not have the methods of a flow"),
        (None, SHAPE, "not have the methods of a flow"),
        (lambda: example("zuko").build()(), SHAPE, r"pass the lazy flow, not flow\(\)"),
        (Given(lambda x: (x.flatten(1)[:, :32], x.new_zeros(len(x)))), SHAPE, "takes no inputs of the shape"),
        (Given(lambda x: (x.flatten(1), x.new_zeros(3))), SHAPE, "a log-determinant of 3 numbers"),
        (lambda: example("zuko").build(), (1, 9, 9), r"the shape \(2, 1, 9, 9\) .* nor \(2, 81\)"),
        (lambda: example("zuko").zuko.flows.NSF(64, context=3), SHAPE, "without a context, the flow takes no inputs"),
        (Affine(), 2, r"the shape of an input, \(C, H, W\) or \(D,\), not 2"),
    ],
)
def test_what_is_no_flow_of_such_inputs_is_refused(flow, shape, message):
    flow = flow() if callable(flow) and not isinstance(flow, nn.Module) else flow
    with pytest.raises((TypeError, ValueError), match=message):
        ib.wrap_flow("mine", flow, shape)


def test_where_a_class_hardly_spreads_its_deviation_counts_as_a_hundredth():
    """Along the line between the averages these latents do not spread at all."""
    noise = torch.randn(200, 1, generator=seeded(0), dtype=torch.float64).repeat_interleave(2, 0)
    noise, labels = (noise - noise.mean()) / noise.std(correction=0), torch.arange(400) % 2
    offset = torch.tensor([0.5, -0.5])
    means, _, deviation = linear_discriminant(noise + labels[:, None] * offset, labels, 2)
    torch.testing.assert_close(deviation, torch.ones(2).double())
    torch.testing.assert_close(means[1] - means[0], offset.double() / 1e-2**2)


def test_a_fitted_mixture_has_unit_covariance_within_classes_and_is_a_linear_discriminant_analysis():
    """With K - 1 dimensions there is no other direction."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    pixels = Given(lambda x: (x.flatten(1), x.new_zeros(len(x))), lambda z: z.reshape(-1, 1, 1, 3))
    torch.manual_seed(0)
    labels = torch.randint(3, (20_000,))
    # The third dimension knows nothing, and goes with no other.
    spread = torch.randn(20_000, 2) @ torch.tensor([[0.1, 0.075], [0, 0.05]])
    x = torch.cat([0.4 + 0.15 * torch.eye(3)[labels][:, :2] + spread, torch.rand(20_000, 1)], 1)
    model = ib.wrap_flow("mine", pixels, (1, 1, 3), 3)
    model.fit_mixture(x.reshape(-1, 1, 1, 3), labels)
    sklearn = LinearDiscriminantAnalysis().fit(x.numpy(), labels.numpy()).predict_proba(x.numpy())
    assert np.abs(model.posterior(x.reshape(-1, 1, 1, 3)).detach().numpy() - sklearn).max() < 0.025
    within = (model.encode(x.reshape(-1, 1, 1, 3)) - model.class_means[labels]).detach()
    torch.testing.assert_close(within.T.cov(), torch.eye(3), rtol=0, atol=0.03)
    torch.testing.assert_close(model.mixture.log_weights.exp(), torch.bincount(labels) / 20_000, rtol=0, atol=1e-4)


def test_fitting_twice_is_fitting_once():
    model = ib.wrap_flow("mine", Affine(), SHAPE, 3)
    images, labels = ib.to_unit(digits(90)), torch.arange(90) % 3
    model.fit_mixture(images, labels)
    once = copy.deepcopy(model.state_dict())
    model.fit_mixture(images, labels)
    torch.testing.assert_close(model.state_dict(), once)


@pytest.mark.parametrize(
    "labels, message",
    [
        (torch.arange(90) % 3, "at least one of each class"),
        (torch.zeros(3, dtype=torch.int64), "with 3 labels"),
        (torch.arange(90) - 1, "labels must be from 0 to 3"),
    ],
)
def test_a_mixture_needs_an_image_of_each_class(labels, message):
    model = ib.wrap_flow("mine", Affine(), SHAPE, 4)
    with pytest.raises(ValueError, match=message):
        model.fit_mixture(ib.to_unit(digits(90)), labels)


def test_a_name_is_known_by_its_file_without_running_it(tmp_path, monkeypatch):
    file = tmp_path / "my_flow.py"
    file.write_text("raise SystemExit('this ran')")
    assert why_unknown("my_flow") is not None
    name_files(monkeypatch, tmp_path / "another.py", file)
    assert why_unknown("my_flow") is None and why_unknown("my_other") is not None


def test_the_file_is_run_once_and_finds_what_lies_beside_it(tmp_path, monkeypatch):
    (tmp_path / "beside_it.py").write_text("WIDTH = 7")
    (tmp_path / "count_me.py").write_text(
        "import ibinn_core as ib\nimport beside_it\nbeside_it.WIDTH += 1\n"
        "ib.register_flow('count_me', lambda: beside_it.WIDTH)\n"
    )
    name_files(monkeypatch, tmp_path / "count_me.py")
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert build("count_me") == 8 and build("count_me") == 8


BROKEN = "register_flow('broken_flow', lambda: 1 / 0)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise RuntimeError('no\\nlibrary')", "could not be built (RuntimeError: no library)"),
        ("raise SystemExit('enough\\x1b[2J')", "could not be built (SystemExit: enough[2J)"),
        ("x = 1", "does not call register_flow('broken_flow', ...)"),
        (None, "could not be built (FileNotFoundError"),
        (f"import ibinn_core\nibinn_core.{BROKEN}", "could not be built (ZeroDivisionError"),
    ],
)
def test_a_file_that_builds_nothing_is_refused_in_words(tmp_path, monkeypatch, text, said):
    if text is not None:
        (tmp_path / "broken_flow.py").write_text(text)
    name_files(monkeypatch, tmp_path / "broken_flow.py")
    monkeypatch.setattr(builders, "_builders", {})
    with pytest.raises(ValueError) as error:
        build("broken_flow")
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["", "../evil", "-x", "ä", "x" * 61, Affine()])
def test_other_names_and_flows_instead_of_builders_cannot_be_registered(name):
    for call in (lambda: ib.register_flow(name, Affine), lambda: ib.wrap_flow(name, Affine(), SHAPE)):
        with pytest.raises(ValueError, match="^name must be 1 to 60 of A-Z, .*, the first a letter or digit, not "):
            call()
    for flow in (3, Affine(), example("zuko").build()):  # zuko's can be called
        with pytest.raises(TypeError, match="must be a function, not "):
            ib.register_flow("mine", flow)


def test_a_flow_of_vectors_is_a_model_of_vectors(tmp_path, monkeypatch):
    import zuko

    monkeypatch.setattr(builders, "_builders", {"two": lambda: zuko.flows.NSF(2, hidden_features=(16,))})
    torch.manual_seed(0)
    labels = torch.arange(500) % 2
    x = torch.randn(500, 2) + 8 * labels[:, None]  # which as pixels would be refused
    model = ib.wrap_flow("two", builders.build("two"), shape=(2,), num_classes=2)
    model.fit_mixture(x, labels)
    assert (model.predict(x) == labels).float().mean() > 0.99
    assert model.sample(3).shape == (3, 2) and (model.decode(model.encode(x)) - x).abs().max() < 1e-3
    assert model.loss(x, labels, ib.Objective(gamma=1.0))[0].total.isfinite()
    for call in (
        lambda: model.preprocess(np.zeros((2, 2), np.uint8)),
        lambda: ib.evaluation.attack(model, x[:2], [0, 1], levels=1),
        lambda: model.move(model.encode(x), brightness=1.0),
    ):
        with pytest.raises(ValueError, match="takes vectors of 2 numbers|if it takes images"):
            call()
    ib.save(model, tmp_path / "two")
    torch.testing.assert_close(ib.load(tmp_path / "two").log_prob(x), model.log_prob(x))
    monkeypatch.setitem(builders._builders, "two", lambda: zuko.flows.CNF(2, exact=False))  # estimates it at random
    with pytest.raises(ValueError, match="choose an exact log-determinant"):
        ib.save(ib.wrap_flow("two", builders.build("two"), shape=(2,), num_classes=2), tmp_path / "random")
