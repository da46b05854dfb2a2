"""The training loop: resumable at any moment, on one process or many, on CPU or GPU."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import Tensor, nn
from tqdm import tqdm

from ..classifier import GenerativeClassifier
from ..objectives import Loss, Objective
from ..preprocessing import UNIFORM, add_noise, bits_per_dim
from .batches import epoch_order, make_batch, split_held_out
from .config import TrainingConfig
from .state import Progress, read_state, restore, save_state

ABSURD_LOSS = 1e3  # per dimension; the loss of a training that goes well stays within ten
BAD_STEPS = 20  # in a row, after which a training counts as diverged


class DivergedError(RuntimeError):
    """Loss or gradient were not finite for many steps in a row; the last good state is on disk."""


class _Step(nn.Module):
    """One forward pass to the loss, as the one module that Accelerate wraps."""

    def __init__(self, model: GenerativeClassifier, objective: Objective):
        super().__init__()
        self.model = model
        self.objective = objective

    def forward(self, x: Tensor, labels: Tensor) -> tuple[Loss, Tensor]:
        z, log_det = self.model(x)
        loss = self.objective(self.model.mixture, z, log_det, labels)
        with torch.no_grad():
            wrong = self.model.mixture.scores(z).argmax(1) != labels
        return loss, wrong.float().mean()


class Trainer:
    """Trains one model and keeps its state in a folder.

    Arguments:
        config: what to train.
        images: the training set, uint8 ``(M, H, W, C)``.
        labels: its labels, integers ``(M,)``.
        folder: where the state lives; made if it is not there.
        init: called with the new model to load weights into it (a warm start); ``None`` fits the
            data-dependent layers to the training images.
        precision: ``"auto"`` runs the sub-networks in bfloat16 where the hardware computes in it;
            ``"bf16"`` or ``"fp32"`` decide it.
        save_every: steps between two savings of the state.
    """

    def __init__(
        self,
        config: TrainingConfig,
        images: np.ndarray,
        labels: np.ndarray,
        folder: Path,
        init: Callable[[GenerativeClassifier], None] | None = None,
        precision: str = "auto",
        save_every: int = 200,
    ):
        self.config, self.images, self.folder, self.save_every = config, images, Path(folder), save_every
        self.labels = torch.as_tensor(np.asarray(labels), dtype=torch.int64)
        # The sub-networks have their own autocast, the flow stays in float32 whatever Accelerate's config
        # says; batch norms agree over the processes by themselves, no other buffer changes.
        buffers = DistributedDataParallelKwargs(broadcast_buffers=False)
        # Several processes that are not told that they are on CPUs would each train alone, in one folder.
        on_cpu = not torch.accelerator.is_available()
        self.accelerator = Accelerator(cpu=on_cpu, mixed_precision="no", kwargs_handlers=[buffers])
        self.train_indices, self.held_out = split_held_out(len(images), min(config.held_out, len(images) // 2))
        self.steps_per_epoch = len(self.train_indices) // config.batch_size
        if not self.steps_per_epoch:
            raise ValueError(f"{len(self.train_indices)} training images do not fill one batch of {config.batch_size}")
        if config.batch_size % self.accelerator.num_processes:
            processes = self.accelerator.num_processes
            raise ValueError(f"a batch of {config.batch_size} cannot be shared equally by {processes} processes")
        if save_every < 1:
            raise ValueError(f"the steps between two savings must be at least 1, not {save_every}")
        self.total_steps = max(1, round(config.epochs * self.steps_per_epoch))
        self.progress = Progress()
        self._bad_steps = 0
        self._init, self._initialised = init, False
        self._build(precision)

    def _build(self, precision: str) -> None:
        torch.manual_seed(self.config.seed)
        self.model = GenerativeClassifier(
            self.config.architecture,
            num_classes=int(self.labels.max()) + 1,
            learn_means=self.config.objective.learns_means,
            learn_weights=self.config.learn_weights,
        )
        self.model.to(memory_format=torch.channels_last)
        self.dtype = _autocast_dtype(precision, self.accelerator.device)
        self.model.flow.set_autocast(self.dtype)
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.model, self.config), lr=self.config.learning_rate, betas=(0.9, 0.99)
        )

    def resume(self) -> None:
        """Continues from the state in the folder. Raises as :func:`read_state` does."""
        tensors, progress, config = read_state(self.folder)
        if config != self.config.to_dict():
            raise ValueError(f"the training state in {self.folder} belongs to another training: its config differs")
        try:
            restore(self.model, self.optimizer, tensors)
        except RuntimeError as error:
            message = f"the training state in {self.folder} is not of this model: its tensors differ"
            raise ValueError(message) from error
        self.progress, self._initialised = progress, True

    def run(self) -> GenerativeClassifier:
        """Trains to the end of the schedule and returns the model, in evaluation mode.

        Raises:
            DivergedError: if it diverges; the folder then holds the last good state.
        """
        self._initialise()
        module, self.optimizer = self.accelerator.prepare(_Step(self.model, self.config.objective), self.optimizer)
        self._check_same_step()
        if not self.progress.step:
            self._save()  # a training that diverges before its first saving has a good state too
        bar = tqdm(
            total=self.total_steps,
            initial=self.progress.step,
            unit="step",
            dynamic_ncols=True,
            mininterval=1.0,
            disable=not self.accelerator.is_main_process,
        )
        with bar:
            for epoch, indices in self._batches():
                self._step(module, epoch, indices)
                self._show(bar)
                if self.progress.step % self.steps_per_epoch == 0 or self.progress.step == self.total_steps:
                    self._end_epoch()
                # In a row of bad steps the state from before is the good one; a resumed run repeats them.
                if self.progress.step % self.save_every == 0 and not self._bad_steps:
                    self._save()
        self.progress.finished = True
        self._save()
        return self.model.eval()

    def _initialise(self) -> None:
        """Warm start, or data-dependent layers fitted; nothing after a resume."""
        if self._initialised:
            return
        if self._init is not None:
            self._init(self.model)
        else:
            generator = torch.Generator().manual_seed(self.config.seed)
            pixels = torch.from_numpy(self.images[self.train_indices]).permute(0, 3, 1, 2)
            self.model.flow.fit(add_noise((pixels.float() + 0.5) / 256, self.config.noise, generator))
        self._initialised = True

    def _check_same_step(self) -> None:
        steps = torch.tensor([self.progress.step], device=self.accelerator.device)
        if self.accelerator.gather(steps).unique().numel() > 1:
            raise ValueError(f"the processes resume from different steps: all must share the folder {self.folder}")

    def _batches(self) -> Iterator[tuple[int, np.ndarray]]:
        """Epoch and image indices of each batch that is still to come, this process's share of it."""
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        while self.progress.step < self.total_steps:
            epoch, offset = divmod(self.progress.step, self.steps_per_epoch)
            order = epoch_order(self.train_indices, self.config.seed, epoch)
            remaining = min(self.steps_per_epoch, self.total_steps - epoch * self.steps_per_epoch)
            for number in range(offset, remaining):
                batch = order[number * self.config.batch_size : (number + 1) * self.config.batch_size]
                yield epoch, batch[rank::world]

    def _step(self, module: nn.Module, epoch: int, indices: np.ndarray) -> None:
        started = time.monotonic()
        device = self.accelerator.device
        x = torch.from_numpy(make_batch(self.images, indices, epoch, self.config)).to(device)
        labels = self.labels[torch.from_numpy(indices)].to(device)
        for group in self.optimizer.param_groups:
            group["lr"] = group["factor"] * learning_rate(self.progress.step, self.total_steps, self.config)
        torch.manual_seed(hash((self.config.seed, self.progress.step, self.accelerator.process_index)))
        buffers = [buffer.clone() for buffer in _statistics(self.model)]
        module.train()
        loss, error = module(x, labels)
        self.accelerator.backward(loss.total)
        norm = self.accelerator.clip_grad_norm_(module.parameters(), self.config.clip_norm)
        means = self.accelerator.reduce(torch.stack([*loss, error]).detach(), "mean").tolist()
        if math.isfinite(float(norm)) and abs(means[0]) < ABSURD_LOSS and all(map(math.isfinite, means)):
            self.optimizer.step()
            self._bad_steps = 0
            self._record(means)
        else:
            # A batch norm that has seen NaN carries it in its statistics.
            for buffer, before in zip(_statistics(self.model), buffers, strict=True):
                buffer.copy_(before)
            self._skip(means[0], float(norm))
        self.optimizer.zero_grad()
        self.progress.step += 1
        self.progress.seconds += time.monotonic() - started

    def _record(self, means: list[float]) -> None:
        sums = self.progress.sums
        for name, value in zip(("loss", "l_x", "l_y", "error"), means, strict=True):
            sums[name] = sums.get(name, 0.0) + value
        sums["steps"] = sums.get("steps", 0) + 1

    def _skip(self, loss: float, norm: float) -> None:
        self.progress.skipped += 1
        self._bad_steps += 1
        if self._bad_steps == 1:
            reason = f"loss {loss:.3g}, norm of the gradient {norm:.3g}"
            self.accelerator.print(f"\nstep {self.progress.step} skipped: {reason}")
        if self._bad_steps >= BAD_STEPS:
            raise DivergedError(
                f"the training diverged: {BAD_STEPS} steps in a row up to step {self.progress.step} had no usable "
                f"loss or gradient; the last good state is in {self.folder}; try a lower --lr"
            )

    def _end_epoch(self) -> None:
        sums = self.progress.sums
        count = max(1, sums.get("steps", 0))
        dims = self.config.architecture.dims
        row = {
            "epoch": self.progress.step / self.steps_per_epoch,
            "step": self.progress.step,
            "learning_rate": learning_rate(self.progress.step, self.total_steps, self.config),
            "train_loss": sums.get("loss", math.nan) / count,
            "train_error": sums.get("error", math.nan) / count,
            "train_bits_per_dim": bits_per_dim(-sums.get("l_x", math.nan) / count, dims, self.config.noise),
            **self._validate(),
            "skipped_steps": self.progress.skipped,
            "seconds": round(self.progress.seconds, 1),
        }
        self.progress.sums = {}
        self.progress.history.append(row)
        self.accelerator.print(
            "\nepoch {epoch:.2f}: held-out error {error:.2%}, {bits_per_dim:.3f} bits/dim (worst "
            "{worst_bits_per_dim:.2f}), "
            "reconstruction {reconstruction:.1e}; training error {train_error:.2%}, {train_bits_per_dim:.3f} bits/dim; "
            "{skipped_steps} steps skipped, {seconds:.0f} s".format(**row)
        )

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        """Error, bits/dim and reconstruction on the held-out images, in float32."""
        if not len(self.held_out):
            return dict.fromkeys(("error", "bits_per_dim", "worst_bits_per_dim", "reconstruction"), math.nan)
        self.model.eval()
        self.model.flow.set_autocast(None)
        device = self.accelerator.device
        pixels = torch.from_numpy(self.images[self.held_out]).permute(0, 3, 1, 2).to(device)
        x = (pixels.float() + 0.5) / 256
        if self.config.noise == UNIFORM:
            x = add_noise(x, UNIFORM, torch.Generator(device).manual_seed(0))
        z, log_det = self.model._encode_with_log_det(x)
        bits = bits_per_dim(
            self.model.mixture.log_marginal(z) + log_det, self.config.architecture.dims, self.config.noise
        )
        predicted = self.model.mixture.log_posterior(z).argmax(1).cpu()
        # The flow's own inverse: latents that are not finite are a result here, not a mistake of the caller.
        reconstruction = (self.model.flow.inverse(z[:100]) - x[:100]).abs().max().item()
        self.model.flow.set_autocast(self.dtype)
        return {
            "error": (predicted != self.labels[torch.from_numpy(self.held_out)]).float().mean().item(),
            "bits_per_dim": bits.mean().item(),
            "worst_bits_per_dim": bits.max().item(),
            "reconstruction": reconstruction,
        }

    def _show(self, bar: tqdm) -> None:
        sums = self.progress.sums
        if sums.get("steps"):
            bits = bits_per_dim(-sums["l_x"] / sums["steps"], self.config.architecture.dims, self.config.noise)
            bar.set_postfix_str(
                f"loss {sums['loss'] / sums['steps']:.3f}, accuracy {1 - sums['error'] / sums['steps']:.1%}, "
                f"{bits:.3f} bits/dim" + (f", {self.progress.skipped} skipped" if self.progress.skipped else ""),
                refresh=False,
            )
        bar.update()

    def _save(self) -> None:
        if self.accelerator.is_main_process:
            optimizer = getattr(self.optimizer, "optimizer", self.optimizer)  # what Accelerate wrapped
            save_state(self.folder, self.model, optimizer, self.progress, self.config.to_dict())
        self.accelerator.wait_for_everyone()


def learning_rate(step: int, total: int, config: TrainingConfig) -> float:
    """Linear warm-up to the peak, a plateau, then a cosine to zero at ``total`` steps."""
    warmup = max(1, round(config.warmup * total))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    decay = max(1, round(config.decay * (total - warmup)))
    fallen = max(0.0, (step - (total - decay)) / decay) if config.decay else 0.0
    return config.learning_rate * (1 + math.cos(math.pi * fallen)) / 2


def parameter_groups(model: GenerativeClassifier, config: TrainingConfig) -> list[dict]:
    """Matrices and kernels with weight decay; vectors without; means and Φ without and faster."""
    mixture = [p for p in model.mixture.parameters() if p.requires_grad]
    flow = [p for p in model.flow.parameters() if p.requires_grad]
    return [
        {"params": [p for p in flow if p.ndim > 1], "weight_decay": config.weight_decay, "factor": 1.0},
        {"params": [p for p in flow if p.ndim <= 1], "weight_decay": 0.0, "factor": 1.0},
        {"params": mixture, "weight_decay": 0.0, "factor": config.means_factor},
    ]


def _statistics(model: nn.Module) -> list[Tensor]:
    """The buffers that training changes: those of the batch norms."""
    norms = (m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    return [buffer for norm in norms for buffer in norm.buffers()]


def _autocast_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    if precision not in ("auto", "bf16", "fp32"):
        raise ValueError(f"the precision must be 'auto', 'bf16' or 'fp32', not {precision!r}")
    if precision == "auto":
        precision = "bf16" if _computes_in_bfloat16(device) else "fp32"
    return torch.bfloat16 if precision == "bf16" else None


def _computes_in_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is native there; emulated, it would be slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = (
        torch.cpu.get_capabilities() if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities") else {}
    )
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))
