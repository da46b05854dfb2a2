"""What a person sets on a panel: the fields of its state, each with its range, its widget and its place in the URL.

The name of a field is the widget's key and the URL's parameter, so panels that share a name share the value.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from app import state
from app.models import registry
from app.state import Value
from app.widgets.markdown import markdown_text

State = TypeVar("State")
Before = Mapping[str, Any]  # the values of the fields before

FEW = 4  # options that stand beside one another; more are a list


@dataclass(frozen=True)
class Control:
    """How a field is read and shown.

    Attributes:
        default: of the fields before.
        fit: the part of a value that is in range, ``None`` if nothing is.
        show: the widget, called with the field's name and the fields before; ``None`` if figures set it.
        parse: reads the URL.
        text: writes it.
        reach: how far the value reaches, as in :class:`app.state.Value`.
    """

    default: Callable[[Before], Any]
    fit: Callable[[Any, Before], Any]
    show: Callable[[str, Before], object] | None = None
    parse: Callable[[str], Any] = str
    text: Callable[[Any], str] = str
    reach: str = "data set"

    def value(self, name: str) -> Value[Any]:
        """Where the session and the URL keep the field."""
        return Value(name, "", self.parse, self.text, scope=self.reach)  # type: ignore[arg-type]


def one_of(
    label: str,
    options: Callable[[Before], Mapping[str, str]],
    default: Callable[[Before], str] | None = None,
    help: str | None = None,
) -> Any:
    """One of a few options, which are names by what the URL says; the first unless ``default`` says another."""

    def show(name: str, before: Before) -> None:
        names = options(before)
        given: dict[str, Any] = {"format_func": lambda one: markdown_text(names[one]), "key": name, "help": help}
        if len(names) <= FEW:
            st.segmented_control(label, list(names), required=True, persist_state="session", **given)
        else:
            st.selectbox(label, list(names), persist_state="session", width=190, **given)

    def fit(said: str, before: Before) -> str | None:
        return said if said in options(before) else None

    return _field(Control(default or (lambda before: next(iter(options(before)), "")), fit, show))


def switch(label: str, help: str | None = None, offered: Callable[[Before], bool] = lambda before: True) -> Any:
    """On or off, at first off."""

    def show(name: str, before: Before) -> None:
        if offered(before):
            st.toggle(label, key=name, help=help, persist_state="session")

    return _field(
        Control(
            lambda before: False,
            lambda said, before: bool(said) and offered(before),
            show,
            parse="true".__eq__,
            text=lambda is_on: "true" if is_on else "",
        )
    )


def clicked(fit: Callable[[str, Before], str | None]) -> Any:
    """What was clicked in a figure, as text; nothing at first, and again after a second click."""
    return _field(Control(lambda before: "", lambda said, before: fit(said, before) if said else ""))


def data_set() -> Any:
    """The name of the data set that all pages show."""
    return _field(_shared(lambda: registry.dataset().name))


def _shared(read: Callable[[], Any]) -> Control:
    return Control(lambda before: read(), lambda said, before: read(), reach="person")


def default_state(kind: type[State]) -> State:
    """The state before anybody sets anything."""
    values: dict[str, Any] = {}
    for name, control in controls_of(kind).items():
        values[name] = control.default(values)
    return kind(**values)


def read_state(kind: type[State]) -> State:
    """What a person has set: what the session says, after Back and in a new session what the URL says."""
    values: dict[str, Any] = {}
    for name, control in controls_of(kind).items():
        if control.reach == "person":
            values[name] = control.default(values)
            continue
        before = dict(values)
        values[name] = state.begin(
            control.value(name), control.default(before), lambda said, c=control, b=before: c.fit(said, b)
        )
    return kind(**values)


def show_controls(now: Any) -> None:
    """The widgets of a state, in a row that wraps."""
    values = dataclasses.asdict(now)
    for name, control in controls_of(type(now)).items():
        if control.show:
            control.show(name, values)


def write_state(now: Any) -> None:
    """Puts what differs from the defaults into the URL."""
    values = dataclasses.asdict(now)
    for name, control in controls_of(type(now)).items():
        if control.reach != "person":
            state.link(control.value(name), values[name], control.default(values))


def controls_of(kind: type) -> dict[str, Control]:
    """The controls of a state's fields, by name."""
    return {field.name: field.metadata["control"] for field in dataclasses.fields(kind)}


def names_of(options: Sequence[str]) -> Callable[[Before], Mapping[str, str]]:
    """Options of :func:`one_of` that are called as the URL says."""
    return lambda before: dict(zip(options, options, strict=True))


def _field(control: Control) -> Any:
    return dataclasses.field(default=None, metadata={"control": control})
