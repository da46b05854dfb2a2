"""The controls of a panel: each field of its state has a range, a widget and a URL parameter.

A field's name is both the widget's key and the URL parameter, so panels with a field of the same name share its value.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from app import reading, state
from app.images import pictures
from app.images.image_input import pick_image
from app.images.opening import opening
from app.models import registry
from app.models.faults import say_missing
from app.state import Value
from app.widgets.markdown import markdown_text

State = TypeVar("State")
Before = Mapping[str, Any]  # the values of the preceding fields

FEW = 4  # at most this many options are side by side; more become a list
MANY = 20  # the same for :func:`some_of`
MANY_STEPS = 1000


@dataclass(frozen=True)
class Control:
    """Definition of a field: how it is read and shown.

    Attributes:
        default: computes the default from the preceding fields.
        fit: returns the part of a value that is in range, or ``None`` if no part is.
        show: draws the widget, given the field's name and the preceding fields. ``None`` if figures set the field.
        parse: reads the value from the URL.
        text: writes the value for the URL.
        reach: scope of the value, as in :class:`app.state.Value`.
    """

    default: Callable[[Before], Any]
    fit: Callable[[Any, Before], Any]
    show: Callable[[str, Before], object] | None = None
    parse: Callable[[str], Any] = str
    text: Callable[[Any], str] = str
    reach: str = "data set"
    is_picture: bool = False  # whether the field is an image
    is_shown: Callable[[Before], bool] = lambda before: True  # a hidden field has no widget and is not in the URL

    def value(self, name: str) -> Value[Any]:
        """Returns where the session and the URL store the field."""
        return Value(name, "", self.parse, self.text, scope=self.reach)  # type: ignore[arg-type]


def one_of(
    label: str,
    options: Callable[[Before], Mapping[str, str]],
    default: Callable[[Before], str] | None = None,
    help: str | None = None,
    is_shown: Callable[[Before], bool] = lambda before: True,
) -> Any:
    """Declares a choice of one option, by default the first. ``options`` maps URL values to labels."""

    def show(name: str, before: Before) -> None:
        names = options(before)
        given: dict[str, Any] = {"help": help, **_kept(name)}
        if len(names) <= FEW:
            in_markdown = lambda one: markdown_text(names[one])  # noqa: E731
            st.segmented_control(label, list(names), required=True, format_func=in_markdown, **given)
        else:  # a list shows plain text
            st.selectbox(label, list(names), width=280, format_func=names.__getitem__, **given)

    def fit(said: str, before: Before) -> str | None:
        return said if said in options(before) else None

    first = default or (lambda before: next(iter(options(before)), ""))
    return _field(Control(first, fit, show, is_shown=is_shown))


def some_of(
    label: str,
    options: Callable[[Before], Sequence[str]],
    default: Callable[[Before], Sequence[str]],
    help: str | None = None,
) -> Any:
    """Declares a choice of several options, in the order of ``options``. If none is chosen, ``default`` applies."""

    def show(name: str, before: Before) -> None:
        choices = list(options(before))
        with st.popover(label, icon=":material/category:"):
            if len(choices) <= MANY:
                st.pills(label, choices, selection_mode="multi", format_func=markdown_text, help=help, wrap=True,
                         **_kept(name))  # fmt: skip
            else:
                st.multiselect(label, choices, help=help, **_kept(name))

    def fit(said: Sequence[str], before: Before) -> list[str] | None:
        return [one for one in options(before) if one in said] or None

    return _field(
        Control(
            lambda before: list(default(before)),
            fit,
            show,
            parse=lambda text: text.split(","),
            text=",".join,
        )
    )


def number(
    label: str,
    low: float,
    high: float,
    step: float,
    default: Callable[[Before], float],
    help: str | None = None,
    is_shown: Callable[[Before], bool] = lambda before: True,
) -> Any:
    """Declares a number from ``low`` to ``high``, of the type of ``step``. With many steps, users type the number."""

    def show(name: str, before: Before) -> None:
        widget = st.number_input if high - low > MANY_STEPS * step else st.slider
        with st.container(width="content"):
            widget(label, low, high, step=step, help=help, **_kept(name))

    def fit(said: float, before: Before) -> float | None:
        return said if low <= said <= high else None

    parse = reading.whole(int(low), int(high)) if isinstance(step, int) else reading.number(low, high)
    return _field(Control(default, fit, show, parse=parse, text="{:g}".format, is_shown=is_shown))


def picture(title: str, purpose: str, is_shown: Callable[[Before], bool] = lambda before: True) -> Any:
    """Declares an image, stored as its token (:class:`app.images.pictures.Picture`). ``purpose`` sets the default.

    If a preceding field has this image, the default is another one.
    """

    def default(before: Before) -> str:
        number = opening(purpose)
        token = pictures.sample(number).token
        return pictures.sample(number - 1 if number else 1).token if token in before.values() else token

    def show(name: str, before: Before) -> None:
        with st.container(width="content"):
            pick_image(state.image_value(name), title, picture_of(state.get(state.image_value(name))))

    def fit(said: str, before: Before) -> str | None:
        if pictures.from_token(said):
            return said
        say_missing("an image", "An example image")
        return None

    named = {"parse": state.token_of, "text": state.name_of, "is_picture": True}
    return _field(Control(default, fit, show, is_shown=is_shown, **named))


def picture_of(token: str) -> pictures.Picture:
    """Returns the image of a field declared by :func:`picture`; its token is never empty."""
    found = pictures.from_token(token)
    assert found is not None
    return found


def header(name: str) -> Any:
    """Declares a header field: ``"model"`` (the slider's), ``"models"`` (with likelihood) or ``"beside"`` (without)."""

    def default(before: Before) -> Any:
        first = registry.first_of([c.id for c in registry.with_likelihood()])
        return {"model": first, "models": [first], "beside": []}[name]

    return _field(Control(default, lambda said, before: said, reach="person"))


def switch(label: str, help: str | None = None, is_shown: Callable[[Before], bool] = lambda before: True) -> Any:
    """Declares a switch, off by default."""

    def show(name: str, before: Before) -> None:
        st.toggle(label, help=help, **_kept(name))

    return _field(
        Control(
            lambda before: False,
            lambda said, before: bool(said),
            show,
            parse="true".__eq__,
            text=lambda is_on: "true" if is_on else "",
            is_shown=is_shown,
        )
    )


def clicked(fit: Callable[[str, Before], str | None]) -> Any:
    """Declares the clicked part of a figure, as text. The text is empty at first and after a second click."""
    return _field(Control(lambda before: "", lambda said, before: fit(said, before) if said else ""))


def clicked_image() -> Any:
    """Declares the clicked test image, stored as its hash."""
    return clicked(lambda said, before: said if re.fullmatch("[0-9a-f]{16}", said) else None)


def data_set() -> Any:
    """Declares the name of the data set that all pages show."""

    def name(*_: object) -> str:
        return registry.dataset().name

    return _field(Control(name, name, reach="person"))


def read_state(kind: type[State], given: Mapping[str, Any]) -> State:
    """Reads the state from the session, or from the URL if the session lacks a value, and after the browser's Back.

    ``given`` holds the fields that the header sets.
    """
    values: dict[str, Any] = {}
    for name, control in controls_of(kind).items():
        if control.reach == "person":
            values[name] = given[name] if name in given else control.default(values)
            continue
        before = dict(values)
        values[name] = state.begin(
            control.value(name), control.default(before), lambda said, c=control, b=before: c.fit(said, b)
        )
    return kind(**values)


def opening_state(kind: type[State]) -> State:
    """Returns the default state."""
    values: dict[str, Any] = {}
    for name, control in controls_of(kind).items():
        values[name] = control.default(values)
    return kind(**values)


def show_controls(now: Any) -> None:
    """Shows the widgets of a state, in a row that wraps."""
    for name, control, before in _in_order(now):
        if control.show and control.is_shown(before):
            control.show(name, before)


def write_state(now: Any) -> None:
    """Writes to the URL each value that differs from its default."""
    for name, control, before in _in_order(now):
        if control.reach != "person" and control.is_shown(before):
            state.link(control.value(name), getattr(now, name), control.default(before))


def _in_order(now: Any) -> Iterator[tuple[str, Control, Before]]:
    """Iterates over the fields of a state: their names, their controls, and the values of the preceding fields."""
    before: dict[str, Any] = {}
    for name, control in controls_of(type(now)).items():
        yield name, control, before
        before[name] = getattr(now, name)


def controls_of(kind: type) -> dict[str, Control]:
    """Returns the controls of a state's fields, by name."""
    return {field.name: field.metadata["control"] for field in dataclasses.fields(kind)}


def names_of(options: Sequence[str]) -> Callable[[Before], Mapping[str, str]]:
    """Returns options for :func:`one_of` whose URL values are their labels."""
    return lambda before: dict(zip(options, options, strict=True))


def _kept(name: str) -> dict[str, Any]:
    """Returns the arguments that bind a widget to a field."""
    return state.bound(Value(name, "", scope="data set"))


def _field(control: Control) -> Any:
    return dataclasses.field(default=None, metadata={"control": control})


@dataclass(frozen=True)
class ModelsState:
    """The header's values for a panel with the γ slider; panels add their own fields."""

    data: str = data_set()
    model: str = header("model")
    beside: Sequence[str] = header("beside")


@dataclass(frozen=True)
class ComparedState(ModelsState):
    """The header's values for a panel that also compares several models."""

    models: Sequence[str] = header("models")
