"""An image under a model, with or without a likelihood: the judgement, and the verdict that follows."""

from dataclasses import dataclass

import numpy as np

from app.figures.classes import with_number
from app.judgement.verdict import (
    Judgement,
    LikelihoodJudgement,
    Verdict,
    judge,
    judge_posterior,
    verdicts,
    verdicts_of_posterior,
)
from app.models.names import name_of
from app.models.predictions import bits_per_dim, class_log_likelihoods, predict
from app.models.summary import labels_known
from ibinn_core.checkpoint import Checkpoint


@dataclass(frozen=True)
class JudgedImage:
    """An image under any model."""

    checkpoint: Checkpoint
    judgement: Judgement
    verdict: Verdict

    @property
    def heading(self) -> str:
        """The model and its verdict, above a row of the figure."""
        v = self.verdict
        return f"<b>{name_of(self.checkpoint)}</b>  <span style='color:{v.ink}'><b>{v.sign} {v.word}</b></span>"


@dataclass(frozen=True)
class LikelihoodJudgedImage(JudgedImage):
    """An image under a model with a likelihood."""

    judgement: LikelihoodJudgement

    @property
    def bits(self) -> float:
        """Bits/dim."""
        return float(bits_per_dim(self.checkpoint, self.judgement.log_prob))


def judged_by_likelihood(checkpoint: Checkpoint, images: np.ndarray) -> list[LikelihoodJudgedImage]:
    """What a model with a likelihood makes of images, uint8 ``(N, H, W, C)``: typical, and if so, confident?"""
    log_likelihood, prior = class_log_likelihoods(checkpoint.id, images)
    reference = checkpoint.latent["reference"]
    judgements = [judge(row, prior, reference) for row in log_likelihood]
    typicality = np.array([judgement.typicality for judgement in judgements])
    top = np.array([judgement.posterior.max() for judgement in judgements])
    given = verdicts(typicality, top, reference, labels_known(checkpoint))
    return [LikelihoodJudgedImage(checkpoint, *pair) for pair in zip(judgements, given, strict=True)]


def judged_by_posterior(checkpoint: Checkpoint, images: np.ndarray) -> list[JudgedImage]:
    """What a model without a likelihood makes of images, uint8 ``(N, H, W, C)``: is it confident?"""
    judgements = [judge_posterior(row) for row in predict(checkpoint.id, images).posterior]
    given = verdicts_of_posterior(np.array([judgement.posterior.max() for judgement in judgements]))
    return [JudgedImage(checkpoint, *pair) for pair in zip(judgements, given, strict=True)]


def top_of(one: JudgedImage, label: int | None) -> str:
    """The most probable class, its probability, and whether it is the true one."""
    posterior = one.judgement.posterior
    top = int(posterior.argmax())
    mark = "" if label is None else " ✓" if top == label else " ✗"
    return with_number(one.checkpoint.classes[top], f"{posterior[top]:.0%}{mark}")


def in_words(one: JudgedImage) -> str:
    """The model, its verdict and its answer."""
    return f"{name_of(one.checkpoint)}: {one.verdict.word}, {top_of(one, None)}"
