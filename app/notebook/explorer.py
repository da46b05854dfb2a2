"""The widget that :func:`ibinn_explorer.explore` shows: a latent cloud, whose star is dragged, and γ."""

import functools
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import anywidget
import numpy as np
import torch
import traitlets

from ibinn_core.weight_space import FamilyError, plain_gamma

from ..figures.bars import posterior_bars, share_texts
from ..figures.classes import shown_classes, with_number
from ..figures.latent import frame_of, latent_figure
from ..figures.layout import BARE, NONE, Sheets, as_rgb, config
from ..figures.sent import packed_pictures, specification
from ..figures.sheets import ACROSS, near_one_another, sheet_of
from ..figures.text import plotly_texts
from ..inference.slider import slider_data
from ..palette import ACCENT
from . import script
from .subject import Cloud, Subject

if TYPE_CHECKING:
    from ibinn_core.models.classifier import Classifier, GenerativeClassifier

AXES = ("first principal direction of the class means", "second direction")
HEIGHT = 520  # of the cloud in CSS pixels
LARGEST = 2**15 - 1


class Rows(traitlets.TraitType):
    """Rows of images: whole numbers, ``(n,)``, ascending, each once."""

    info_text = "whole numbers, each the row of an image"

    def validate(self, obj: "Explorer", value: object) -> np.ndarray:
        """Checks that there are such images."""
        rows = np.asarray(value)
        rows = rows.astype(int) if not rows.size else rows
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or ((rows < 0) | (rows >= obj.count)).any():
            raise traitlets.TraitError(f"rows must be whole numbers from 0 to {obj.count - 1}, not {value!r}")
        rows = np.unique(rows).astype(int)
        rows.flags.writeable = False
        return rows

    def set(self, obj: Any, value: object) -> None:  # traitlets'
        """As of any trait, but that arrays are compared as a whole."""
        new = cast(np.ndarray, self._validate(obj, value))
        old = obj._trait_values.get(self.name, self.default_value)
        obj._trait_values[self.name] = new
        if not np.array_equal(new, old):
            obj._notify_trait(self.name, old, new)


class Gamma(traitlets.TraitType):
    """A γ at which the family has a model; ``None`` without a family."""

    def validate(self, obj: "Explorer", value: Any) -> float | None:  # what somebody sets
        """Mixes the model, unless it is there."""
        try:
            obj._subject.at(value)
        except FamilyError as error:
            raise traitlets.TraitError(str(error)) from error
        return None if value is None else float(value)


class Explorer(anywidget.AnyWidget):
    """A latent cloud in a notebook; :func:`ibinn_explorer.explore` makes one and says what a person does in it.

    Attributes:
        rows: what a lasso holds: rows of the images, ``(n,)``; setting them lets them stand out.
        row: the image that was clicked last, or set; the star is at its latent.
        point: where in the plane the star has been dragged, two numbers; ``None`` while it is at its image.
        gamma: of the model that is shown; ``None`` for a model without a family.
        count: N, how many images there are.

    The first four can be observed: ``widget.observe(function, "rows")``.
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
    #: What is drawn, as ``Given`` and ``Chosen`` of ``app/static/notebook/widget.js``, and the chosen image's pixels.
    _given = traitlets.Dict().tag(sync=True)
    _chosen = traitlets.Dict().tag(sync=True)
    _picture = traitlets.Bytes().tag(sync=True)
    #: The track, int16 (P, N, 2) and (P, K, 2) one after the other; nothing where models are asked.
    _track = traitlets.Bytes().tag(sync=True)
    _plotly = traitlets.Bytes().tag(sync=True)

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
            self._plotly = script.plotly()
            self._follow()
            self._draw()
            self._choose()
        self.on_msg(self._hear)

    @property
    def count(self) -> int:
        """N, how many images there are."""
        return len(self._subject.images)

    @property
    def model(self) -> "GenerativeClassifier":
        """The model that is shown, at the slider's γ."""
        return self._subject.at(self.gamma)

    @property
    def latent(self) -> torch.Tensor:
        """Where the star is in latent space, ``(1, D)``."""
        if self.point is None:
            return self._subject.latents(self.row, self.gamma)
        return self._subject.moved(self.row, self.point, self.gamma)

    @property
    def image(self) -> np.ndarray:
        """The image there, uint8 ``(H, W, C)``."""
        return self._subject.picture(self.latent, self.gamma)

    @property
    def points(self) -> np.ndarray:
        """Where the images lie in the plane, ``(N, 2)``."""
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

    # What is set, by a person or a program ---------------------------------------------------------------

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
        if self._given:  # else it is being made
            with self.hold_sync():
                self.point = None
                self._draw()
                self._choose()

    @traitlets.observe("rows")
    def _at_rows(self, _: object) -> None:
        if self._given:
            self._draw()

    @traitlets.observe("row")
    def _at_row(self, _: object) -> None:
        with self.hold_sync():
            self.point = None
            self._choose()

    # What is drawn -----------------------------------------------------------------------------------------

    def _draw(self) -> None:
        subject, cloud = self._subject, self._cloud
        figure = latent_figure(
            cloud.points,
            subject.groups,
            self._texts(cloud),
            cloud.means,
            axes=AXES,
            star=cloud.points[self.row],
            lasso=self.rows,
            frame=self._frame,
            classes=subject.classes,
        )
        figure.update_layout(height=HEIGHT)
        colored = "class" if subject.labels is not None else "prediction"
        spec = specification(
            figure,
            "cloud",
            alt=f"Latents of {self.count} images in the plane of the class means, by {colored}.",
            config=config(),
            selects=("points", "lasso"),
            about="means",
        )
        self._given = {
            "figure": {**spec, "pictures": {**packed_pictures(self._sheets[0]), "address": ""}},
            "shape": [*subject.images.shape[1:3]],
            "sizes": [self.count, len(subject.classes)],
            "accent": ACCENT,
            "slider": self._slider,
        }

    def _choose(self) -> None:
        subject, cloud = self._subject, self._cloud
        posterior, label = cloud.posterior[self.row], self._label
        bars = posterior_bars(posterior, label, classes=subject.classes)
        told = f"taken for {self._named(posterior)}, {cloud.bits[self.row]:.2f} bits/dim"
        said = f"Row {self.row}" + ("" if label is None else f", {subject.classes[label]}")
        self._picture = as_rgb(subject.images[self.row]).tobytes()
        self._chosen = {
            "row": self.row,
            "home": cloud.points[self.row].tolist(),
            "bars": specification(bars, "bars", alt=f"The posterior: {self._named(posterior)}.", config=BARE),
            "said": f"{said}: {told}.",
        }

    def _texts(self, cloud: Cloud) -> list[str]:
        names = plotly_texts(self._subject.classes)
        top = cloud.posterior.argmax(1)
        told = [
            f"predicted {names[k]} ({p:.0%})<br>{b:.2f} bits/dim"
            for k, p, b in zip(top, cloud.posterior.max(1), cloud.bits, strict=True)
        ]
        labels = self._subject.labels
        return told if labels is None else [f"{names[y]}<br>{text}" for y, text in zip(labels, told, strict=True)]

    def _named(self, posterior: np.ndarray) -> str:
        top = int(posterior.argmax())
        return with_number(self._subject.classes[top], f"{posterior[top]:.0%}")

    def _follow(self) -> None:
        track = self._subject.track()
        if track is not None:
            scale = max(float(np.abs(one).max()) for one in track) / LARGEST or 1.0
            self._scale = scale
            self._track = b"".join(np.round(one / scale).astype("<i2").tobytes() for one in track)

    @functools.cached_property
    def _frame(self) -> np.ndarray | None:
        """What the figure shows at all places, so that the axes stay."""
        track = self._subject.track()
        if track is None:
            return None
        return frame_of(track.points.reshape(-1, 2), track.means.reshape(-1, 2))

    @functools.cached_property
    def _slider(self) -> dict[str, Any] | None:
        family = self._subject.family
        if family is None:
            return None
        return {**script.slider(), "data": slider_data(family), "scale": getattr(self, "_scale", None)}

    @functools.cached_property
    def _sheets(self) -> tuple[Sheets, np.ndarray]:
        """The pictures of the dots, and which images are on them, in their order; those that lie together share one."""
        order = near_one_another(self._cloud.points, ACROSS**2)
        numbers = np.full(self.count, NONE, np.uint16)
        numbers[order[:NONE]] = np.arange(min(NONE, self.count))
        height, width = self._subject.images.shape[1:3]
        return Sheets("", numbers, ACROSS, (width, height)), order

    # What the front end asks ------------------------------------------------------------------------------

    def _hear(self, _: object, content: dict[str, Any], buffers: list) -> None:
        """Answers ``{id, kind, …}``: each question with one message that has its id."""
        try:
            answer, binary = {"move": self._move, "cloud": self._passing, "sheet": self._sheet}[content["kind"]](
                content
            )
        except (KeyError, TypeError, ValueError) as error:  # a FamilyError, or what this version does not know
            answer, binary = {"problem": str(error)}, []
        self.send({"id": content.get("id"), **answer}, binary)

    def _move(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """The image at a place of the plane, and what the model says of the place and of the image."""
        x, y = map(float, content["point"])
        latents = self._subject.moved(self.row, (x, y), self.gamma)
        posterior = self._subject.posterior(latents, self.gamma)
        picture = self._subject.picture(latents, self.gamma)
        seen = self._subject.look(picture[None], self.gamma)
        said = f"Where the star is: taken for {self._named(seen['posterior'][0])}, {seen['bits'][0]:.2f} bits/dim."
        shares = posterior[shown_classes(self._cloud.posterior[self.row], self._label)]  # in the order of the bars
        bars = {"x": shares.tolist(), "text": share_texts(shares)}
        return {"bars": bars, "said": said}, [as_rgb(picture).tobytes()]

    def _passing(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Where images and means lie at a γ that the slider passes."""
        cloud = self._subject.cloud(float(content["gamma"]))
        return {}, [cloud.points.astype("<f4").tobytes(), cloud.means.astype("<f4").tobytes()]

    def _sheet(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """A sheet of pictures as PNG."""
        order, number = self._sheets[1], int(content["number"])
        file = io.BytesIO()
        sheet_of(self._subject.images[order[ACROSS**2 * number : ACROSS**2 * (number + 1)]]).save(file, "PNG")
        return {}, [file.getvalue()]
