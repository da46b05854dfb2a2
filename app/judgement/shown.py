"""The figure of Bayes' rule under several models, and what it can be saved as."""

from collections.abc import Sequence

from app.drawn import bayes_figure
from app.figures.bayes import LikelihoodRow, PosteriorRow, on_a_phone
from app.figures.layout import config
from app.images.pictures import Picture
from app.images.program_lines import bayes_lines, checkpoint_line, image_lines, model_line, program
from app.judgement.judged_image import JudgedImage, LikelihoodJudgedImage, in_words
from app.judgement.tables import bars_csv
from app.models.predictions import bits_per_dim, typical_bits
from app.widgets.export_menu import offer
from app.widgets.figure import show_figure
from app.widgets.stage import staged
from ibinn_core.checkpoint import Checkpoint


def _row_of(one: LikelihoodJudgedImage) -> LikelihoodRow:
    """The row of the figure for a model with a likelihood."""
    judgement, checkpoint = one.judgement, one.checkpoint
    return LikelihoodRow(
        one.heading,
        judgement.log_likelihood,
        judgement.prior,
        judgement.joint,
        judgement.posterior,
        one.bits,
        bits_per_dim(checkpoint, checkpoint.latent["reference"]),
        typical_bits(checkpoint),
    )


def show_bayes(
    generative: Sequence[LikelihoodJudgedImage],
    others: Sequence[JudgedImage],
    picture: Picture,
    alteration: str,
    focus: Checkpoint,
) -> None:
    """Bayes' rule under each model, a row each; the program is about ``focus``."""
    figure = bayes_figure(
        [_row_of(one) for one in generative],
        [PosteriorRow(one.heading, one.judgement.posterior) for one in others],
        picture.label,
        classes=generative[0].checkpoint.classes,
    )
    texts = [f"{in_words(one)}, {one.bits:.2f} bits/dim" for one in generative]
    texts += [f"{in_words(one)}, no likelihood" for one in others]
    on_phone = on_a_phone(figure, len(generative))
    figure = staged(figure)
    show_figure(
        figure,
        "bayes",
        config=config("inspect"),
        phone=on_phone,
        alt=f"{picture.name}, {alteration}: likelihood of each class, times prior, posterior, and bits per dimension. "
        + "; ".join(texts),
    )
    beside = [one.checkpoint for one in (*generative, *others) if one.checkpoint.id != focus.id]
    offer(
        "inspect",
        python=same_in_python(focus, beside, picture, alteration),
        chart="bayes",
        title=f"{picture.name}, {alteration}",
        csv=lambda: bars_csv((*generative, *others), picture, alteration),
    )


def same_in_python(focus: Checkpoint, beside: Sequence[Checkpoint], picture: Picture, alteration: str) -> str:
    """The program that makes the figure's row of one model, and the posteriors of those beside it."""
    altered = [
        "from app.images.alterations import ALTERATIONS  # run it in the repository",
        f'image = ALTERATIONS["{alteration}"](image)',
    ]
    return program(
        model_line(focus),
        *image_lines("image", picture, focus.dataset),
        *(altered if alteration != "as it is" else ()),
        *bayes_lines(),
        checkpoint_line(focus),
        'reference = checkpoint.latent["reference"].astype(float)  # log q(x) of held-out training images',
        "reference_bits = ib.bits_per_dim(reference, model.config.dims, model.noise)",
        "log_q = log_joint.logsumexp(1).detach().numpy()",
        "more_typical = 1 - ib.exploration.typicality_p_value(log_q, reference)  # share of the reference",
        *(
            (
                f"models = {{id: ib.load(id) for id in {[one.id for one in beside]}}}",
                "x = {id: ib.dequantize(ib.to_unit(image[None]), one.noise) for id, one in models.items()}",
                "posteriors = {id: one.posterior(x[id]) for id, one in models.items()}",
            )
            if beside
            else ()
        ),
    )
