"""What a student should look for among the latents, with the numbers of the models that are here."""

from app.figures.latent import MEAN
from app.models import registry
from app.models.names import name_of
from app.widgets.markdown import in_words, markdown_text, show_what_to_look_for


def explain(
    linear: bool = True,
    circles: bool = True,
    lasso: bool = True,
    diamond: str = MEAN,
    drags: bool = False,
    has_pictures: bool = False,
    share: float | None = None,
) -> None:
    """What a student should look for, with the numbers of the models that are here.

    It depends on whether the figure draws the class means, with circles of their Gaussians, has a lasso, and on what it
    draws for a class, the ``diamond``, on whether an image ``drags``, and on whether dots have pictures. Of many
    classes, the plane has only a ``share`` of the means' variance, 0 to 1.
    """
    everyone = registry.with_likelihood()
    family = [c for c in everyone if c.is_on_the_way] or everyone
    ends = family[:1] if len(family) == 1 else [family[0], family[-1]]

    def by_model(number: str, form: str) -> str:
        return " and ".join(f"{c.card[number]:{form}} under {markdown_text(name_of(c))}" for c in ends)

    drawn = "each diamond a class mean μ" if diamond == MEAN else "each diamond the centre of the images of a class"
    if circles:
        drawn += ", each dotted circle where 90 % of the class would lie if the mixture fitted"
    if not linear:
        drawn = "shown without class means, because UMAP is nonlinear and preserves only neighbourhoods"
    question = (
        "Choose the lasso in the toolbar and draw it around a border between two classes: how many of its images "
        "does the model get wrong? They stay chosen under another model, side by side and in the morph: where do "
        "they go as γ grows?"
    )
    hand = (
        " **Drag the ring or the star, or click where no dot is**: the image's latent goes there within this plane, "
        "and you see what it becomes."
        if drags
        else ""
    )
    if has_pictures:
        hand += " **Zoom in** until few dots are left: they become the images."
    classes = len(everyone[0].classes)
    if share is not None:
        hand += (
            f" The {classes} means span {classes - 1} dimensions; the plane is that of the two in which they differ "
            f"most, and has {share:.0%} of their variance: classes that lie on each other here may be far apart."
        )
    count = in_words(classes)
    centres, in_span = by_model("mean_offset", ".1f"), by_model("span_offset", ".1f")
    offset = (
        f"The images of a class do not lie around its μ. Their centre is away from it by {centres}; in the dimensions "
        f"that the μ span, by {in_span}. Only this part can change the posterior: the rest is at right angles to them "
        f"and changes all {count} distances alike. But all of it lowers the likelihood, and samples drawn around a μ "
        "come from a region with hardly any images. A deviation is "
        f"{by_model('latent_spread', '.2f')} per dimension, where the mixture assumes 1. These are numbers after the "
        "*alignment*, an affine map of the latents that is fitted after the training and leaves every posterior as it "
        "is. "
    )
    show_what_to_look_for(
        f"Each dot is a test image, {drawn} (the paper's Fig. 7). How far apart the centres of two classes are on "
        f"average, in standard deviations of a class: {by_model('separation', '.1f')}." + hand,
        (offset if linear else "") + (question if lasso else "Pause between two models: which classes separate first?"),
    )
