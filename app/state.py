"""All that a link can hold, all that a session remembers, and the only way to either.

A :class:`Value` says once what it is called, of which type and range it is, how far it reaches and where it lives.
Links and browsers may send anything: :func:`in_url` and :func:`from_component` give a value of that type and range, or
none. For a choice, the range is what its widget offers; Streamlit drops other values.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import play_text
from app.reading import number

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Value(Generic[T]):
    """A value of the session, and of the URL if its place includes the URL."""

    name: str  # its key in the session and its parameter of the URL; with {} in it a kind of values, see :meth:`of`
    default: T  # where neither says anything; pages may have another
    # Reads the value in a URL; ValueError if it is invalid
    parse: Callable[[str], T] = str  # type: ignore[assignment]
    text: Callable[[T], str] = str  # what the URL says of a value
    # Its scope: one page; all pages while its data set is chosen; or everything that a person opens.
    scope: Literal["page", "data set", "person"] = "page"
    # Where it lives: in the session alone, or in the URL too, by :func:`begin` and :func:`link`, to which the browser's
    # Back brings it back
    place: Literal["session", "url"] = "url"

    def of(self, what: object) -> "Value[T]":
        """The value of this kind that belongs to something, such as a chart."""
        return replace(self, name=self.name.format(what))


# All values but the fields of panels (app/controls.py), page by page ----------------------------------

_OF_DATA_SET: dict[str, Any] = {"scope": "data set"}
_OF_PERSON: dict[str, Any] = {"scope": "person"}
_IN_SESSION: dict[str, Any] = {"place": "session"}
_IDS: dict[str, Any] = {"parse": lambda text: [id for id in text.split(",") if id], "text": ",".join}
_FLAG: dict[str, Any] = {"parse": "true".__eq__, "text": lambda is_so: "true" if is_so else ""}


# Every page.
DATA = Value("data", "", **_OF_PERSON)
DATA_SHOWN = Value("data-shown", "", **_IN_SESSION, **_OF_PERSON)
PUT_AWAY = Value[dict[str, dict[str, Any]]]("data-put-away", {}, **_IN_SESSION, **_OF_PERSON)  # by data set
STAGE = Value("stage", False, **_FLAG, **_OF_PERSON)
STAGE_TURN = Value("stage-turn", 0, **_IN_SESSION)  # which way a key has asked for another tab or page
NEIGHBOURS = Value[Any]("neighbours", None, **_IN_SESSION)  # the pages to which it leads from the last or first tab
STAGE_CODE = Value("stage-code", False, **_IN_SESSION)  # whether a key has asked for the QR code
SHARE_IMAGE = Value("share-image", False, **_IN_SESSION)  # whether the link has a person's own image
SHARE_PLACE = Value[Any]("share-place", None, **_IN_SESSION)  # the container that shows the link
FOUND = Value[Any]("checkpoints-found", None, **_IN_SESSION)  # what a run goes by, from its beginning to its end
RETRIED = Value("faults-retried", 0, **_IN_SESSION)  # how often a page restarted in a row

# Models: ids, of which that of a mixed model names its γ.
MODEL = Value("model", "", **_OF_DATA_SET)
MODELS = Value[list[str]]("models", [], **_IDS, **_OF_DATA_SET)
BESIDE = Value[list[str]]("beside", [], **_IDS, **_OF_DATA_SET)
SLIDER = Value("model-gamma", 1.0, **_IN_SESSION, **_OF_PERSON)  # where it stands while a model beside it is shown
OFF_SLIDER = Value[Any]("model-off-slider", None, **_IN_SESSION)

# Images: tokens, as app/images/pictures.py reads them.
OWN, YOURS = "own-", "yours-"  # how a token begins that holds a person's image, and the name that addresses have for it
MAX_USER_IMAGES = 1000  # images of all people, each at most 5 kB
_own: dict[tuple[str, str], str] = {}  # tokens by whose browser, or session, they are of and by their names


def name_of(token: str) -> str:
    """What the address says of an image, by its token: it never holds a person's own image, but a name for it."""
    if not token.startswith(OWN):
        return token
    name = YOURS + hashlib.sha256(token.encode()).hexdigest()[:12]
    _own[_person(), name] = token
    while len(_own) > MAX_USER_IMAGES:
        _own.pop(next(iter(_own)))
    return name


def token_of(name: str) -> str:
    """The token that the address means; of a person's image whose browser this is not, the name."""
    return _own.get((_person(), name), name)


def _person() -> str:
    """The browser's secret, which survives a reload, or else the session."""
    try:  # Streamlit hides the secret by another mask in each answer
        _, mask, masked, _ = st.context.cookies["_streamlit_xsrf"].strip("\"'").split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return bytes(one ^ other for one, other in pairs).hex()
    except (KeyError, ValueError):
        return getattr(get_script_run_ctx(), "session_id", "")


def image_value(name: str) -> Value[str]:
    """An image's token, which the address names."""
    return Value(name, "", token_of, name_of, **_OF_DATA_SET)


IMAGE = image_value("image")
PICKER_CLASS = Value("picker-class", "", **_IN_SESSION, **_OF_DATA_SET)
PICKER_MODEL = Value("picker-model", "", **_IN_SESSION, **_OF_DATA_SET)
PICKER_ORDER = Value("picker-order", "", **_IN_SESSION, **_OF_PERSON)
PICKED = Value("picked-image", "", **_IN_SESSION)  # in the dialog, just now
PICKER_PAGE = Value("picker-page-{}", 1, **_IN_SESSION, **_OF_PERSON)

# Lessons.
LESSON = Value("lesson", "")  # its name; on another page, the one that has led there
STEP = Value("step", "question")
GUESS = Value("guess", "")
GAMMA = Value("gamma", 0.0, number(0, math.inf), "{:g}".format, **_OF_PERSON)
LEFT_STAGE = Value("lesson-left-stage", False, **_IN_SESSION, **_OF_PERSON)  # for what a lesson lets a room try
NOTES = Value("notes", False, lambda text: True, lambda is_so: "true")  # whatever the URL says of them
GUESSED = Value[Any]("guess-{}", None, **_IN_SESSION)
PROGRESS = Value[Any]("lessons-progress", None, **_IN_SESSION, **_OF_PERSON)
JOINED = Value("lessons-joined", False, **_IN_SESSION, **_OF_PERSON)  # whether it has what the browser kept
TURNS = Value("lessons-turns", 0, **_IN_SESSION, **_OF_PERSON)  # how often a key has turned the lesson

# Test an image.
FILM = Value[Any]("film", None, **_IN_SESSION)  # which corruption the figure plays


# The page Playground.
PLAY = Value("play", "", play_text.checked, **_OF_PERSON)
PAINTED = Value("painted", "", play_text.painted, **_OF_PERSON)

VALUES: list[Value[Any]] = [value for value in vars().values() if isinstance(value, Value)]
NAMES = frozenset(value.name for value in VALUES)  # which no figure or component may have for a key
_BEGUN: dict[str, Value[Any]] = {}  # the fields of panels that a page has shown, by name


# The session --------------------------------------------------------------------------------------------


def has(value: Value) -> bool:
    """Whether the session holds it."""
    return value.name in st.session_state


def get(value: Value[T]) -> T:
    """The session's value, or the default."""
    return st.session_state.get(value.name, value.default)


def put(value: Value[T], new: T) -> None:
    """Puts it into the session."""
    st.session_state[value.name] = new


def take(value: Value[T]) -> T:
    """The session's value, which it forgets, or the default."""
    return st.session_state.pop(value.name, value.default)


def switch_data_set(before: str, after: str) -> None:
    """Stores the choices for one data set, and restores the last choices for the other."""
    of_data_set = [value for value in (*VALUES, *_BEGUN.values()) if value.scope == "data set"]
    held = {value: take(value) for value in of_data_set if has(value)}
    put(PUT_AWAY, away := get(PUT_AWAY) | {before: {value.name: one for value, one in held.items()}})
    if came_by_history():  # the URL says what was chosen of it
        return
    for value in of_data_set:
        if value.place == "url":
            st.query_params.pop(value.name, None)
    st.session_state.update(away.get(after, {}))


# The URL ------------------------------------------------------------------------------------------------


def came_by_history() -> bool:
    """Whether the browser's Back or Forward started this run: then the URL decides what to show."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def in_url(value: Value[T]) -> T | None:
    """The value in the URL; ``None`` if it has none, or an invalid one."""
    return _read(value.parse, st.query_params.get(value.name), None)


def begin(value: Value[T], default: T | None = None, fit: Callable[[Any], T | None] | None = None) -> T:
    """The value, taken from the URL when a session begins and after Back or Forward; before its widget.

    ``fit`` gives the part of it that the page can use; if that is ``None``, the default counts.
    """
    if value.name not in NAMES:
        _BEGUN[value.name] = value
    from_url = not has(value) or (came_by_history() and value.place == "url")
    found = in_url(value) if from_url else get(value)
    if fit is not None and not (from_url and found is None):
        found = fit(found)
    # Also where nothing changes: Streamlit forgets a widget's value when its page is left, unless it is set.
    put(value, new := found if found is not None else value.default if default is None else default)
    return new


def among(options: Collection[str]) -> Callable[[str], str | None]:
    """A ``fit`` of :func:`begin`: one of the options."""
    return lambda one: one if one in options else None


def some_among(options: Collection[str]) -> Callable[[Any], list[str] | None]:
    """A ``fit`` of :func:`begin`: those that are options; nothing, if some were chosen and none of them is one."""

    def fit(chosen: list[str] | None) -> list[str] | None:
        known = [one for one in chosen or () if one in options]
        return known if known or not chosen else None

    return fit


def link(value: Value[T], new: T, default: T | None = None) -> None:
    """Keeps the URL in step with a value, and short where it is the default, the value's own if ``None``."""
    text = value.text(new)
    if text == value.text(value.default if default is None else default):
        st.query_params.pop(value.name, None)
    elif st.query_params.get(value.name) != text:
        st.query_params[value.name] = text


def url_agrees(values: Mapping[Value, Any]) -> bool:
    """Whether the URL holds these values, or none of them."""
    return all(st.query_params.get(value.name) in (None, value.text(new)) for value, new in values.items())


def query(values: Mapping[Value, Any]) -> dict[str, str]:
    """The URL parameters of some values; defaults are left out."""
    return {value.name: value.text(new) for value, new in values.items() if new != value.default}


def link_only(values: Mapping[Value, Any], keep: Collection[Value] = ()) -> None:
    """Writes these values into the URL, keeps some, and drops all others."""
    kept = {value.name: st.query_params[value.name] for value in keep if value.name in st.query_params}
    st.query_params.from_dict(kept | query(values))


def whole_url(*without: Value) -> dict[str, list[str]]:
    """All URL parameters, without some values."""
    left_out = {value.name for value in without}
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in left_out}


# Figures, widgets and components ------------------------------------------------------------------------


def bound(value: Value) -> dict[str, Any]:
    """The arguments that make a widget of Streamlit hold a value: its key, and how long it is kept."""
    return {"key": value.name} | ({} if value.scope == "page" else {"persist_state": "session"})


def from_component(key: str, name: str, parse: Callable[[Any], T], default: T) -> T:
    """The message of a custom component, read by ``parse``; anybody may have sent it.

    The default counts if there is no message, or if ``parse`` cannot read it.
    """
    said = st.session_state.get(key)
    return _read(parse, said.get(name) if isinstance(said, Mapping) else None, default)


def _read(parse: Callable[[Any], T], said: object, default: T) -> T:
    try:
        return default if said is None else parse(said)
    # A message of an older tab or of another version lacks a part, or has one of another kind, as any stranger's may.
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return default
