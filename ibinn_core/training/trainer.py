"""The training loop: resumable at any moment, in one process, on CPU or GPU."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import PARAM_LIST, AveragedModel
from tqdm import tqdm

from ..data.images import to_unit
from ..data.loading import split_held_out
from ..layers.subnetwork import set_autocast
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.config import TrainingConfig
from ..models.kinds import DEFAULT
from ..models.preprocessing import UNIFORM, add_noise, bits_per_dim
from .images import cut_rows, describe_images, epoch_order, load_images, make_batch
from .state import FILE, Progress, alone_in, model_weights, read_state, restore, save_state
from .teachers import Teachers
from .warm_start import start_at_centres, warm_start

# Factor on the learning rate of the means: at the full rate, their noise in all dimensions would hide the classes.
MEANS_FACTOR = 0.2
CLIP_NORM = 5.0  # largest norm of a gradient
ABSURD_LOSS = 1e3  # per dimension; the loss of a good training stays below ten
BAD_STEPS = 20  # consecutive bad steps after which a training has diverged


class DivergedError(RuntimeError):
    """Loss or gradient were absurd or not finite for many steps; the last good state is stored."""


def train(config: TrainingConfig, folder: Path, precision: str = "auto") -> None:
    """Trains to the end, from the state in ``folder`` if there is one; raises the errors of a :class:`Trainer`."""
    classes = describe_images(config).num_classes
    trainer = Trainer(config, *load_images(config, "train"), folder, precision, num_classes=classes)
    if (folder / FILE).exists():
        trainer.resume()
    trainer.run()


class Trainer:
    """Trains one model and keeps its state in a folder.

    Arguments:
        config: the settings of the training. Without ``init``, whitening and ActNorm are fitted to training
            images.
        images: the training set, uint8 ``(M, H, W, C)``.
        labels: the images' labels, integers ``(M,)``.
        folder: folder for the state, created if missing.
        precision: precision of the sub-networks, ``"bf16"`` or ``"fp32"``; ``"auto"`` is bfloat16 if the hardware
            supports it.
        save_every: number of steps between saved states.
        num_classes: K; if ``None``, the largest label plus 1.

    Raises:
        ValueError: there are too few images for a batch, labels above K - 1, too many classes, or an unknown precision.
    """

    def __init__(
        self,
        config: TrainingConfig,
        images: np.ndarray,
        labels: np.ndarray,
        folder: Path,
        precision: str = "auto",
        save_every: int = 200,
        num_classes: int | None = None,
    ) -> None:
        self.config, self.images, self.folder, self.save_every = config, images, Path(folder), save_every
        self.labels = torch.as_tensor(np.asarray(labels), dtype=torch.int64)
        # Classes without training images count too: a split may lack some classes.
        self.num_classes = int(self.labels.max()) + 1 if num_classes is None else num_classes
        if self.labels.max() >= self.num_classes:
            raise ValueError(f"labels must be from 0 to {self.num_classes - 1}, not {int(self.labels.max())}")
        if config.model == DEFAULT and self.num_classes > config.architecture.dims + 1:
            raise ValueError(f"{self.num_classes} classes need images of at least {self.num_classes - 1} values")
        self.device = _device()
        self.train_indices, self.held_out = split_held_out(len(images), config.held_out)
        self.steps_per_epoch = len(self.train_indices) // config.batch_size
        if not self.steps_per_epoch:
            count, batch = len(self.train_indices), config.batch_size
            raise ValueError(f"{count} training images do not fill one batch of {batch}: choose smaller batches")
        self.total_steps = max(1, round(config.epochs * self.steps_per_epoch))
        self.progress = Progress()
        self._bad_steps = 0
        self._initialised = False
        self._build(precision)

    def _build(self, precision: str) -> None:
        torch.manual_seed(self.config.seed)
        self.model = self.config.new_model(self.num_classes)
        # PyTorch's stubs do not allow a memory format alone.
        self.model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.dtype = _autocast_dtype(precision, self.device)
        set_autocast(self.model, self.dtype)
        self.teachers = Teachers(self.config.teachers, self.model, self.dtype) if self.config.teachers else None
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, self.config), lr=self.config.learning_rate, betas=(0.9, 0.99), fused=True
        )
        self.average: AveragedModel | None = None

    def resume(self) -> None:
        """Continues from the state in the folder.

        Raises:
            FileNotFoundError: there is no state.
            ValueError: the state is damaged or of another training.
        """
        tensors, progress, config = read_state(self.folder)
        # Older states lack newer options.
        different = _differences(TrainingConfig.from_dict(config).to_dict(), self.config.to_dict())
        if different:
            raise ValueError(
                f"the training state in {self.folder} belongs to another training, which differs in {different}: "
                "name another folder, or use the same options"
            )
        try:
            restore(self.model, self.optimizer, tensors)
        except RuntimeError as error:
            message = f"the training state in {self.folder} is not of this model: its tensors differ"
            raise ValueError(message) from error
        if self.config.average:
            self.average = averaged(self.model, self.config.average, progress.step - progress.skipped)
            self.average.module.load_state_dict(model_weights(tensors))
        self.progress, self._initialised = progress, True

    def run(self) -> Classifier:
        """Trains to the end and returns the model in evaluation mode, with averaged weights if the config says so.

        Raises:
            DivergedError: the training diverges.
            RuntimeError: another process is training in the folder.
        """
        self._initialise()  # an error here leaves no folder behind
        # Two trainings in one folder would overwrite each other's state.
        with alone_in(self.folder):
            return self._run()

    def _run(self) -> Classifier:
        self.model.to(self.device)
        self.optimizer.load_state_dict(self.optimizer.state_dict())  # moves a resumed state to the device too
        if self.average:
            self.average.to(self.device)
        if not self.progress.step:
            self._save()  # a good state, even if the training diverges early
        with tqdm(total=self.total_steps, initial=self.progress.step, unit="step", dynamic_ncols=True) as bar:
            for epoch, indices in self._batches():
                self._step(epoch, indices)
                self._show(bar)
                if self.progress.step % self.steps_per_epoch == 0 or self.progress.step == self.total_steps:
                    self._end_epoch()
                # During a series of bad steps, the state before them is the good one.
                if self.progress.step % self.save_every == 0 and not self._bad_steps:
                    self._save()
        self.progress.finished = True
        self._save()
        return self._outcome().eval()

    def _outcome(self) -> Classifier:
        """Returns the trained model: its average, if there is one."""
        return cast(Classifier, self.average.module) if self.average else self.model

    def _initialise(self) -> None:
        """Starts from other weights, or fits layers; does nothing after a resume."""
        if self._initialised:
            return
        if self.config.init:
            self._warm_start(self.config.init)
        elif self.model.is_invertible:
            generator = torch.Generator().manual_seed(self.config.seed)
            # The first images must show every class, even of a sorted data set.
            order = np.random.default_rng(self.config.seed).permutation(self.train_indices)
            self.model.fit(add_noise(to_unit(self.images[order]), self.config.noise, generator))
        if self.config.average:
            self.average = averaged(self.model, self.config.average)
        self._initialised = True

    def _warm_start(self, source: str) -> None:
        """Loads weights; means of new classes start at class centres, if the objective may use labels."""
        model, config = self.model, self.config
        is_new = warm_start(source, model)
        is_taught = is_new and config.objective.gamma != 0
        if is_taught and isinstance(model, GenerativeClassifier) and model.mixture.means.requires_grad:
            labels = self.labels.numpy()
            start_at_centres(model, self.images, labels, self.train_indices, config.noise, config.seed)

    def _batches(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yields epoch and image indices of each remaining batch."""
        while self.progress.step < self.total_steps:
            epoch, offset = divmod(self.progress.step, self.steps_per_epoch)
            order = epoch_order(self.train_indices, self.config.seed, epoch)
            remaining = min(self.steps_per_epoch, self.total_steps - epoch * self.steps_per_epoch)
            for number in range(offset, remaining):
                yield epoch, order[number * self.config.batch_size : (number + 1) * self.config.batch_size]

    def _step(self, epoch: int, indices: np.ndarray) -> None:
        started = time.monotonic()
        cut = cut_rows(self.config)
        donors = self.train_indices if self.teachers else None
        x = torch.from_numpy(make_batch(self.images, indices, epoch, self.config, cut, donors)).to(self.device)
        labels = self.labels[torch.from_numpy(indices)].to(self.device)
        targets = self._targets(x, labels, torch.from_numpy(cut)) if self.teachers else labels
        for group in self.optimizer.param_groups:
            group["lr"] = group["factor"] * learning_rate(self.progress.step, self.total_steps, self.config)
        torch.manual_seed(hash((self.config.seed, self.progress.step, 0)))  # without 0, resumed older trainings differ
        buffers = [buffer.clone() for buffer in _statistics(self.model)]
        self.model.train()
        weights = torch.from_numpy(~cut / (~cut).mean()).to(x) if cut.any() else None  # scaled to mean 1
        loss, scores = self.model.loss(x, targets, self.config.objective, weights)
        error = (scores.argmax(1) != labels).float().mean()
        loss.total.backward()
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM))
        total = float(loss.total.detach())
        if math.isfinite(norm) and abs(total) < ABSURD_LOSS:
            self.optimizer.step()
            if self.average:
                self.average.update_parameters(self.model)
            self._bad_steps = 0
            for name, value in {"loss": total, "error": float(error), "steps": 1}.items():
                self.progress.sums[name] = self.progress.sums.get(name, 0) + value
        else:
            # A batch norm would keep NaN in its statistics.
            for buffer, before in zip(_statistics(self.model), buffers, strict=True):
                buffer.copy_(before)
            self._skip(total, norm)
        self.optimizer.zero_grad()
        self.progress.step += 1
        self.progress.seconds += time.monotonic() - started

    def _targets(self, x: Tensor, labels: Tensor, cut: Tensor) -> Tensor:
        """Returns the smoothed labels; for cut images, the teachers' posterior."""
        assert self.teachers is not None
        targets = self.config.objective.targets(labels, self.num_classes)
        targets[cut.to(x.device)] = self.teachers(x[cut])
        return targets

    def _skip(self, loss: float, norm: float) -> None:
        self.progress.skipped += 1
        self._bad_steps += 1
        if self._bad_steps == 1:
            reason = f"loss {loss:.3g}, norm of the gradient {norm:.3g}"
            print(f"\nstep {self.progress.step} skipped: {reason}")
        if self._bad_steps >= BAD_STEPS:
            raise DivergedError(
                f"the training diverged: {BAD_STEPS} steps in a row up to step {self.progress.step} had no usable "
                f"loss or gradient; the last good state is in {self.folder}; try a lower --lr"
            )

    def _end_epoch(self) -> None:
        row = {
            "epoch": self.progress.step / self.steps_per_epoch,
            "step": self.progress.step,
            "learning_rate": learning_rate(self.progress.step, self.total_steps, self.config),
            **self._training_means(),
            **self._validate(self._outcome()),
            "skipped_steps": self.progress.skipped,
            "seconds": round(self.progress.seconds, 1),
        }
        self.progress.sums = {}
        self.progress.history.append(row)
        print("\n" + ", ".join(f"{name} {value:.4g}" for name, value in row.items()))

    def _training_means(self) -> dict[str, float]:
        """Averages the metrics over the epoch's good steps."""
        sums = self.progress.sums
        steps = max(1, sums.get("steps", 0))
        return {f"train_{name}": sums.get(name, math.nan) / steps for name in ("loss", "error")}

    @torch.no_grad()
    def _validate(self, model: Classifier) -> dict[str, float]:
        """Measures error on held-out images, and bits/dim and reconstruction if the model has them, in float32."""
        if not len(self.held_out):
            return {"error": math.nan}
        model.eval()
        set_autocast(model, None)
        x = to_unit(self.images[self.held_out]).to(self.device)
        if self.config.noise == UNIFORM:
            x = add_noise(x, UNIFORM, torch.Generator(self.device).manual_seed(0))
        found = model.evaluate(x)
        predicted = found["posterior"].argmax(1).cpu()
        row = {"error": (predicted != self.labels[torch.from_numpy(self.held_out)]).float().mean().item()}
        if model.has_likelihood:
            bits = bits_per_dim(found["log_prob"], self.config.architecture.dims, self.config.noise)
            row["bits_per_dim"] = bits.mean().item()
        if model.is_invertible:
            # Call the flow's inverse directly: here, latents that are not finite must raise no error.
            decoded = model.flow.inverse(found["latents"][:100])
            row["reconstruction"] = (decoded - x[:100]).abs().max().item()
        set_autocast(model, self.dtype)
        return row

    def _show(self, bar: tqdm) -> None:
        if self.progress.sums.get("steps"):
            bar.set_postfix({**self._training_means(), "skipped": self.progress.skipped}, refresh=False)
        bar.update()

    def _save(self) -> None:
        average = self.average.module.state_dict() if self.average else {}
        save_state(self.folder, self.model, self.optimizer, self.progress, self.config.to_dict(), average)


def learning_rate(step: int, total: int, config: TrainingConfig) -> float:
    """Computes the learning rate: linear warm-up to the peak, a plateau, a cosine to the floor at ``total`` steps."""
    warmup = max(1, round(config.warmup * total))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    decay = max(1, round(config.decay * (total - warmup)))
    fallen = max(0.0, (step - (total - decay)) / decay) if config.decay else 0.0
    height = (1 + math.cos(math.pi * fallen)) / 2
    return config.learning_rate * (config.floor + (1 - config.floor) * height)


def parameter_groups(model: Classifier, config: TrainingConfig) -> list[dict]:
    """Groups parameters: matrices with weight decay, vectors without, the mixture's means and Φ at a lower rate."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    mixture = [p for name, p in named if name.startswith("mixture.")]
    network = [p for name, p in named if not name.startswith("mixture.")]
    return [
        {"params": [p for p in network if p.ndim > 1], "weight_decay": config.weight_decay, "factor": 1.0},
        {"params": [p for p in network if p.ndim <= 1], "weight_decay": 0.0, "factor": 1.0},
        {"params": mixture, "weight_decay": 0.0, "factor": MEANS_FACTOR},
    ]


def averaged(model: nn.Module, decay: float, steps: int = 0) -> AveragedModel:
    r"""Creates a running mean of a model's parameters and buffers, with decay d from 0 to below 1.

    The mean acts like a lower learning rate. After the t-th step
    :math:`\bar\theta \leftarrow d_t \bar\theta + (1 - d_t)\,\theta` with :math:`d_t = \min(d, (1 + t) / (10 + t))`. It
    starts from the model's weights after ``steps`` steps.
    """

    @torch.no_grad()
    def mix(averages: PARAM_LIST, present: PARAM_LIST, step: Tensor | int) -> None:
        if averages[0].is_floating_point():
            weight = 1 - min(decay, (1 + int(step)) / (10 + int(step)))
            # One pass over all tensors; the stubs do not export this function.
            torch._foreach_lerp_(averages, present, weight)  # pyright: ignore[reportPrivateImportUsage]
        else:  # integers, such as a count of batches
            for average, value in zip(averages, present, strict=True):
                average.copy_(value)

    average = AveragedModel(model, multi_avg_fn=mix, use_buffers=True)
    average.n_averaged.fill_(steps + 1)  # with 0, the average would forget the start
    return average


def _differences(old: dict, new: dict) -> str:
    """Describes how two configs differ; of a path to weights, only the last part counts."""
    old, new = ({**config, "init": config.get("init") and Path(config["init"]).name} for config in (old, new))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return ", ".join(f"{key} ({old.get(key)}, not {new.get(key)})" for key in keys)


def _statistics(model: nn.Module) -> list[Tensor]:
    """Returns the buffers that training changes: the statistics of batch norms."""
    norms = (m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    return [buffer for norm in norms for buffer in norm.buffers()]


def _device() -> torch.device:
    """Returns this machine's accelerator, or else its CPU."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def _autocast_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    """Returns the dtype of sub-networks, ``None`` for float32: an emulated bfloat16 would be slower."""
    if precision not in ("auto", "bf16", "fp32"):
        raise ValueError(f"the precision must be 'auto', 'bf16' or 'fp32', not {precision!r}")
    is_native = precision == "bf16"
    if precision == "auto" and device.type == "cuda":
        is_native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif precision == "auto" and device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        found = torch.cpu.get_capabilities()
        is_native = any(found.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return torch.bfloat16 if is_native else None
