"""What to look for among the latents."""

from app.figures.latent import MEAN
from app.models import registry
from app.models.names import is_on_the_way, name_of
from app.widgets.markdown import markdown_text, show_what_to_look_for


def explain(
    linear: bool = True, circles: bool = True, diamond: str = MEAN, drags: bool = False, share: float | None = None
) -> None:
    """What to look for.

    It depends on whether the figure draws the class means, with circles of their Gaussians, on what it draws for a
    class, the ``diamond``, and on whether an image ``drags``. Of many classes, the plane has only a ``share`` of the
    means' variance, 0 to 1.
    """
    everyone = registry.with_likelihood()
    family = [c for c in everyone if is_on_the_way(c)] or everyone
    ends = family[:1] if len(family) == 1 else [family[0], family[-1]]
    apart = " and ".join(f"{c.card['separation']:.1f} under {markdown_text(name_of(c))}" for c in ends)
    drawn = "each diamond a class mean μ" if diamond == MEAN else "each diamond the centre of the images of a class"
    if circles:
        drawn += ", each dotted circle where 90 % of the class would lie if the mixture fitted"
    if not linear:
        drawn = "without class means, because UMAP preserves only neighbourhoods"
    hand = " **Drag the ring**, or the star of an image that you mark, and see what the image becomes." if drags else ""
    if share is not None:
        hand += (
            f" The plane holds {share:.0%} of the variance of the {len(everyone[0].classes)} means: classes that lie "
            "on each other here may be far apart."
        )
    show_what_to_look_for(
        f"Each dot is a test image, {drawn} (the paper's Fig. 7). The centres of two classes are on average so many "
        f"standard deviations of a class apart: {apart}." + hand,
        "Choose the lasso in the toolbar and draw it around a border between two classes: how many of its images does "
        "the model get wrong? They stay chosen under another model: where do they go as γ grows? The images of a class "
        "do not lie around its μ exactly. Only the part of that offset within the dimensions that the μ span can "
        "change the posterior; all of it lowers the likelihood. Coordinates are those after the *alignment*, an affine "
        "map that leaves every posterior as it is.",
    )
