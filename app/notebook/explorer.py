"""The widget of :func:`ibinn_explorer.explore`: a latent cloud with a star to drag, and a slider for γ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import anywidget
import numpy as np
import torch
import traitlets

from ibinn_core.weight_space import FamilyError, plain_gamma

from ..figures.classes import bars_of, colors_of, drawn_classes, shown_classes, with_number
from ..figures.latent import NINE_TENTHS, frame_of
from ..figures.layout import as_rgb
from ..inference.slider import slider_data
from ..palette import ACCENT
from . import script
from .subject import Cloud, Subject, Track

if TYPE_CHECKING:
    from ibinn_core.models.classifier import Classifier, GenerativeClassifier

LARGEST = 2**15 - 1


class Rows(traitlets.TraitType):
    """Rows of images: unique integers in ascending order, ``(n,)``."""

    info_text = "whole numbers, each the row of an image"

    def validate(self, obj: "Explorer", value: object) -> np.ndarray:
        """Checks that the rows exist."""
        rows = np.asarray(value)
        rows = rows.astype(int) if not rows.size else rows
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or ((rows < 0) | (rows >= obj.count)).any():
            raise traitlets.TraitError(f"rows must be whole numbers from 0 to {obj.count - 1}, not {value!r}")
        rows = np.unique(rows).astype(int)
        rows.flags.writeable = False
        return rows

    def set(self, obj: Any, value: object) -> None:  # signature of traitlets
        """Compares arrays as a whole, where traitlets would compare their elements."""
        new = cast(np.ndarray, self._validate(obj, value))
        old = obj._trait_values.get(self.name, self.default_value)
        obj._trait_values[self.name] = new
        if not np.array_equal(new, old):
            obj._notify_trait(self.name, old, new)


class Gamma(traitlets.TraitType):
    """A γ for which the family has a model; ``None`` without a family."""

    def validate(self, obj: "Explorer", value: Any) -> float | None:  # set by users
        """Mixes the model, unless it exists already."""
        try:
            obj._subject.at(value)
        except FamilyError as error:
            raise traitlets.TraitError(str(error)) from error
        return None if value is None else float(value)


class Explorer(anywidget.AnyWidget):
    """A latent cloud in a notebook. :func:`ibinn_explorer.explore` creates one and describes its use.

    Attributes:
        rows: the rows of the images in the lasso, ``(n,)``. Setting them highlights the images.
        row: the row of the image that was clicked or set last. The star starts at this image's latent.
        point: the star's position in the plane, two numbers; ``None`` while the star has not been dragged.
        gamma: γ of the model shown; ``None`` for a model without a family.
        count: N, the number of images.

    The first four attributes can be observed: ``widget.observe(function, "rows")``.
    """

    _esm = script.module()
    _css = script.style()

    rows = Rows(np.zeros(0, int)).tag(sync=True, to_json=lambda rows, _: np.asarray(rows).tolist())
    row = traitlets.Int(0).tag(sync=True)
    point = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=None, allow_none=True).tag(sync=True)
    gamma = Gamma(None).tag(
        sync=True,
        to_json=lambda gamma, _: None if gamma is None else plain_gamma(gamma),
        from_json=lambda gamma, _: None if gamma is None else float(gamma),
    )
    #: Data for ``app/static/notebook/widget.js``: its ``Data`` and ``Chosen``, and the pixels of the chosen image.
    _given = traitlets.Dict().tag(sync=True)
    _chosen = traitlets.Dict().tag(sync=True)
    _picture = traitlets.Bytes().tag(sync=True)
    #: Positions of images and means, float32 (N + K, 2), and lower left and upper right corner of what is shown first.
    _places = traitlets.Bytes().tag(sync=True)
    _frame = traitlets.List().tag(sync=True)
    #: These positions at the P measured γ, int16 (P, N + K, 2); empty if models must compute them.
    _track = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        model: "Classifier",
        images: np.ndarray,
        labels: np.ndarray | Sequence[int] | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        self._subject = Subject(model, images, labels, classes)
        super().__init__()
        with self.hold_sync():
            self._begin()
            self._draw()
            self._choose()
        self.on_msg(self._hear)

    @property
    def count(self) -> int:
        """Returns N, the number of images."""
        return len(self._subject.images)

    @property
    def model(self) -> "GenerativeClassifier":
        """Returns the model at the slider's γ."""
        return self._subject.at(self.gamma)

    @property
    def latent(self) -> torch.Tensor:
        """Returns the star's latent, ``(1, D)``."""
        if self.point is None:
            return self._subject.latents(self.row, self.gamma)
        return self._subject.moved(self.row, self.point, self.gamma)

    @property
    def image(self) -> np.ndarray:
        """Returns the star's image, uint8 ``(H, W, C)``."""
        return self._subject.picture(self.latent, self.gamma)

    @property
    def points(self) -> np.ndarray:
        """Returns the positions of the images in the plane, ``(N, 2)``."""
        return self._cloud.points.copy()

    @property
    def _cloud(self) -> Cloud:
        return self._subject.cloud(self.gamma)

    @property
    def _label(self) -> int | None:
        labels = self._subject.labels
        return None if labels is None else int(labels[self.row])

    @traitlets.default("gamma")
    def _first_gamma(self) -> float | None:
        return self._subject.gamma

    # Values set by users or programs ---------------------------------------------------------------------

    @traitlets.validate("row")
    def _check_row(self, proposal: dict[str, Any]) -> int:
        if not 0 <= proposal["value"] < self.count:
            raise traitlets.TraitError(f"row must be from 0 to {self.count - 1}, not {proposal['value']}")
        return proposal["value"]

    @traitlets.validate("point")
    def _check_point(self, proposal: dict[str, Any]) -> tuple[float, float] | None:
        if proposal["value"] is not None and not np.isfinite(proposal["value"]).all():
            raise traitlets.TraitError("point must be two finite numbers")
        return proposal["value"]

    @traitlets.observe("gamma")
    def _at_gamma(self, _: object) -> None:
        if self._given:  # otherwise the widget is being created
            with self.hold_sync():
                self.point = None
                self._draw()
                self._choose()

    @traitlets.observe("row")
    def _at_row(self, _: object) -> None:
        with self.hold_sync():
            self.point = None
            self._choose()

    # Values sent to the front end ----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Sends the values that stay constant."""
        subject, family = self._subject, self._subject.family
        track = subject.track()
        self._whole = None if track is None else frame_of(*track)
        scale = 1.0 if track is None else max(float(np.abs(one).max()) for one in track) / LARGEST or 1.0
        self._track = b"" if track is None else np.round(_together(track) / scale).astype("<i2").tobytes()
        drawn = drawn_classes(subject.groups, len(subject.classes))
        colored = "class" if subject.labels is not None else "prediction"
        self._given = {
            "alt": f"Latents of {self.count} images in the plane of the class means, coloured by {colored}.",
            "names": list(subject.classes),
            "colors": colors_of(len(subject.classes), drawn),
            "named": drawn,
            "circles": NINE_TENTHS,
            "groups": subject.groups.tolist(),
            "shape": [*subject.images.shape[1:3]],
            "accent": ACCENT,
            "slider": None if family is None else {**script.slider(), "data": slider_data(family), "scale": scale},
        }

    def _draw(self) -> None:
        cloud = self._cloud
        frame = frame_of(cloud.points, cloud.means) if self._whole is None else self._whole
        self._frame = frame.tolist()
        self._places = _together(cloud).astype("<f4").tobytes()

    def _choose(self) -> None:
        cloud, label, classes = self._cloud, self._label, self._subject.classes
        posterior = cloud.posterior[self.row]
        names, colors, shown = bars_of(classes, shown_classes(posterior, label))
        summary = f"classified as {self._named(posterior)}, {cloud.bits[self.row]:.2f} bits/dim"
        said = f"Row {self.row}" + ("" if label is None else f", {classes[label]}")
        self._picture = as_rgb(self._subject.images[self.row]).tobytes()
        self._chosen = {
            "row": self.row,
            "said": f"{said}: {summary}.",
            "bars": {"names": names, "colors": colors, "label": None if label is None else shown.index(label)},
            "shares": posterior[shown].tolist(),
        }

    def _named(self, posterior: np.ndarray) -> str:
        top = int(posterior.argmax())
        return with_number(self._subject.classes[top], f"{posterior[top]:.0%}")

    # Requests of the front end ----------------------------------------------------------------------------

    def _hear(self, _: object, content: dict[str, Any], buffers: list) -> None:
        """Answers a request ``{id, kind, …}`` with one message that has the same id."""
        try:
            answer, binary = {"move": self._move, "cloud": self._passing, "dot": self._dot}[content["kind"]](content)
        except (LookupError, TypeError, ValueError) as error:  # a FamilyError, or an unknown kind of request
            answer, binary = {"problem": str(error)}, []
        self.send({"id": content.get("id"), **answer}, binary)

    def _move(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Returns the image at a position in the plane, and the model's answers on the position and on the image."""
        x, y = map(float, content["point"])
        latents = self._subject.moved(self.row, (x, y), self.gamma)
        posterior = self._subject.posterior(latents, self.gamma)
        picture = self._subject.picture(latents, self.gamma)
        outputs = self._subject.evaluate(picture[None], self.gamma)
        said = f"At the star: classified as {self._named(outputs['posterior'][0])}, {outputs['bits'][0]:.2f} bits/dim."
        shares = posterior[shown_classes(self._cloud.posterior[self.row], self._label)]  # in the order of the bars
        return {"shares": shares.tolist(), "said": said}, [as_rgb(picture).tobytes()]

    def _passing(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Returns the positions of images and means at a γ that the slider passes."""
        cloud = self._subject.cloud(float(content["gamma"]))
        return {}, [_together(cloud).astype("<f4").tobytes()]

    def _dot(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Returns the pixels and the description of the image under the pointer."""
        row, subject, cloud = int(content["row"]), self._subject, self._cloud
        label = [] if subject.labels is None else [subject.classes[subject.labels[row]]]
        lines = [*label, f"predicted {self._named(cloud.posterior[row])}", f"{cloud.bits[row]:.2f} bits/dim"]
        return {"said": "\n".join(lines)}, [as_rgb(subject.images[row]).tobytes()]


def _together(where: Cloud | Track) -> np.ndarray:
    """Joins the positions of images and means, ``([P,] N + K, 2)``."""
    return np.concatenate([where.points, where.means], axis=-2)
