"""All values of links and sessions, and the only functions that read and write them.

A :class:`Value` defines a value's name, type, range, scope and storage. Links and browsers may send anything:
:func:`in_url` and :func:`from_component` return a valid value, or else ``None`` or a default. Streamlit itself drops a
choice that its widget does not offer.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import play_text
from app.reading import number

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Value(Generic[T]):
    """A value in the session, and in the URL unless its storage is the session alone."""

    name: str  # key in the session and parameter in the URL; with {}, a group of values, see :meth:`of`
    default: T  # used if neither session nor URL has the value; pages may have another default
    # Reads the URL's text; raises ValueError if it is invalid
    parse: Callable[[str], T] = str  # type: ignore[assignment]
    text: Callable[[T], str] = str  # writes the URL's text
    # Scope: one page; all pages until the data set changes; or everything that the user opens.
    scope: Literal["page", "data set", "person"] = "page"
    # Storage: the session alone, or the URL too, by :func:`begin` and :func:`link`; then the browser's
    # Back button restores the value
    place: Literal["session", "url"] = "url"

    def of(self, what: object) -> "Value[T]":
        """Returns the value of this group for one item, such as a chart."""
        return replace(self, name=self.name.format(what))


# All values except the fields of panels (app/controls.py), by page --------------------------------------

_OF_DATA_SET: dict[str, Any] = {"scope": "data set"}
_OF_PERSON: dict[str, Any] = {"scope": "person"}
_IN_SESSION: dict[str, Any] = {"place": "session"}
_IDS: dict[str, Any] = {"parse": lambda text: [id for id in text.split(",") if id], "text": ",".join}
_FLAG: dict[str, Any] = {"parse": "true".__eq__, "text": lambda is_so: "true" if is_so else ""}


# Every page.
DATA = Value("data", "", **_OF_PERSON)
DATA_SHOWN = Value("data-shown", "", **_IN_SESSION, **_OF_PERSON)
PUT_AWAY = Value[dict[str, dict[str, Any]]]("data-put-away", {}, **_IN_SESSION, **_OF_PERSON)  # by data set
TAB = Value("tab", "")
LAST_TAB = "last"  # in the URL, the last tab of any page
STAGE = Value("stage", False, **_FLAG, **_OF_PERSON)
STAGE_TURN = Value("stage-turn", 0, **_IN_SESSION)  # direction of a key press towards another tab or page
NEIGHBOURS = Value[Any]("neighbours", None, **_IN_SESSION)  # the pages before the first tab and after the last tab
STAGE_CODE = Value("stage-code", False, **_IN_SESSION)  # whether a key press asked for the QR code
SHARE_IMAGE = Value("share-image", False, **_IN_SESSION)  # whether the link includes the user's own image
SHARE_PLACE = Value[Any]("share-place", None, **_IN_SESSION)  # the container of the link
FOUND = Value[Any]("checkpoints-found", None, **_IN_SESSION)  # the checkpoints of this run, constant while it lasts
RETRIED = Value("faults-retried", 0, **_IN_SESSION)  # restarts of a page in a row

# Ids of models; a mixed model's id contains its γ.
MODEL = Value("model", "", **_OF_DATA_SET)
MODELS = Value[list[str]]("models", [], **_IDS, **_OF_DATA_SET)
BESIDE = Value[list[str]]("beside", [], **_IDS, **_OF_DATA_SET)
SLIDER = Value("model-gamma", 1.0, **_IN_SESSION, **_OF_PERSON)  # the slider's γ while another model is shown
OFF_SLIDER = Value[Any]("model-off-slider", None, **_IN_SESSION)

# Images: tokens, as app/images/pictures.py reads them.
OWN, YOURS = "own-", "yours-"  # prefixes of a user image's token and of its name in addresses
MAX_USER_IMAGES = 1000  # how many images of users are stored at most; each has at most 20 kB
_own: dict[tuple[str, str], str] = {}  # tokens by browser or session, and name


def name_of(token: str) -> str:
    """Returns an image's name in addresses: its token, or for a user's own image, a name that does not reveal it."""
    if not token.startswith(OWN):
        return token
    name = YOURS + hashlib.sha256(token.encode()).hexdigest()[:12]
    _own[_person(), name] = token
    while len(_own) > MAX_USER_IMAGES:
        _own.pop(next(iter(_own)))
    return name


def token_of(name: str) -> str:
    """Returns the token for a name in an address; for an image of another browser, the name itself."""
    return _own.get((_person(), name), name)


def _person() -> str:
    """Returns the browser's secret, which survives a reload, or else an id of the session."""
    try:  # Streamlit masks the secret differently in each response
        _, mask, masked, _ = st.context.cookies["_streamlit_xsrf"].strip("\"'").split("|")
        pairs = zip(bytes.fromhex(masked), itertools.cycle(bytes.fromhex(mask)), strict=False)
        return bytes(one ^ other for one, other in pairs).hex()
    except (KeyError, ValueError):
        return getattr(get_script_run_ctx(), "session_id", "")


def image_value(name: str) -> Value[str]:
    """Defines the value of an image's token, which addresses store by name."""
    return Value(name, "", token_of, name_of, **_OF_DATA_SET)


IMAGE = image_value("image")
PICKER_CLASS = Value("picker-class", "", **_IN_SESSION, **_OF_DATA_SET)
PICKER_ORDER = Value("picker-order", "", **_IN_SESSION, **_OF_PERSON)
PICKED = Value("picked-image", "", **_IN_SESSION)  # picked in the dialog in this run
PICKER_PAGE = Value("picker-page-{}", 1, **_IN_SESSION, **_OF_PERSON)

# Lessons.
LESSON = Value("lesson", "")  # name of the lesson; on other pages, of the lesson that opened them
STEP = Value("step", "question")
GUESS = Value("guess", "")
GAMMA = Value("gamma", 0.0, number(0, math.inf), "{:g}".format, **_OF_PERSON)
LEFT_STAGE = Value("lesson-left-stage", False, **_IN_SESSION, **_OF_PERSON)  # whether a lesson's task left the stage
NOTES = Value("notes", False, lambda text: True, lambda is_so: "true")  # true for any text in the URL
GUESSED = Value[Any]("guess-{}", None, **_IN_SESSION)
PROGRESS = Value[Any]("lessons-progress", None, **_IN_SESSION, **_OF_PERSON)
JOINED = Value("lessons-joined", False, **_IN_SESSION, **_OF_PERSON)  # whether the browser's storage was read
TURNS = Value("lessons-turns", 0, **_IN_SESSION, **_OF_PERSON)  # key presses that changed the lesson's step

# Test an image.
FILM = Value[Any]("film", None, **_IN_SESSION)  # the animated corruption


# The page Playground.
PLAY = Value("play", "", play_text.checked, **_OF_PERSON)
PAINTED = Value("painted", "", play_text.painted, **_OF_PERSON)

VALUES: list[Value[Any]] = [value for value in vars().values() if isinstance(value, Value)]
NAMES = frozenset(value.name for value in VALUES)  # names that no figure or component may use as its key
_BEGUN: dict[str, Value[Any]] = {}  # the fields of panels shown so far, by name


# The session --------------------------------------------------------------------------------------------


def has(value: Value) -> bool:
    """Checks whether the session holds the value."""
    return value.name in st.session_state


def get(value: Value[T]) -> T:
    """Returns the session's value, or the default."""
    return st.session_state.get(value.name, value.default)


def put(value: Value[T], new: T) -> None:
    """Stores the value in the session."""
    st.session_state[value.name] = new


def take(value: Value[T]) -> T:
    """Removes the value from the session and returns it, or the default."""
    return st.session_state.pop(value.name, value.default)


def switch_data_set(before: str, after: str) -> None:
    """Stores the choices for one data set, and restores the last choices for the other."""
    of_data_set = [value for value in (*VALUES, *_BEGUN.values()) if value.scope == "data set"]
    held = {value: take(value) for value in of_data_set if has(value)}
    put(PUT_AWAY, away := get(PUT_AWAY) | {before: {value.name: one for value, one in held.items()}})
    if came_by_history():  # the URL has the choices
        return
    for value in of_data_set:
        if value.place == "url":
            st.query_params.pop(value.name, None)
    st.session_state.update(away.get(after, {}))


# The URL ------------------------------------------------------------------------------------------------


def came_by_history() -> bool:
    """Checks whether the browser's Back or Forward started this run, so that the URL decides what to show."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def in_url(value: Value[T]) -> T | None:
    """Reads the value from the URL; ``None`` if it is missing or invalid."""
    return _read(value.parse, st.query_params.get(value.name), None)


def begin(value: Value[T], default: T | None = None, fit: Callable[[Any], T | None] | None = None) -> T:
    """Returns the value, read from the URL after Back or Forward, or if the session lacks it. Must precede its widget.

    ``fit`` returns the part of the value that the page can use. If it returns ``None``, the default applies.
    """
    if value.name not in NAMES:
        _BEGUN[value.name] = value
    from_url = not has(value) or (came_by_history() and value.place == "url")
    found = in_url(value) if from_url else get(value)
    if fit is not None and not (from_url and found is None):
        found = fit(found)
    # Set it even if unchanged: Streamlit removes a widget's value when the user leaves the widget's page.
    put(value, new := found if found is not None else value.default if default is None else default)
    return new


def among(options: Collection[str]) -> Callable[[str], str | None]:
    """Returns a ``fit`` for :func:`begin` that accepts only these options."""
    return lambda one: one if one in options else None


def some_among(options: Collection[str]) -> Callable[[Any], list[str] | None]:
    """Returns a ``fit`` for :func:`begin` that keeps valid options; ``None`` if all chosen options are invalid."""

    def fit(chosen: list[str] | None) -> list[str] | None:
        known = [one for one in chosen or () if one in options]
        return known if known or not chosen else None

    return fit


def link(value: Value[T], new: T, default: T | None = None) -> None:
    """Writes a value to the URL, or removes it if it is the default; without ``default``, the value's own."""
    text = value.text(new)
    if text == value.text(value.default if default is None else default):
        st.query_params.pop(value.name, None)
    elif st.query_params.get(value.name) != text:
        st.query_params[value.name] = text


def url_agrees(values: Mapping[Value, Any]) -> bool:
    """Checks that the URL contradicts none of these values; it may lack some of them."""
    return all(st.query_params.get(value.name) in (None, value.text(new)) for value, new in values.items())


def query(values: Mapping[Value, Any]) -> dict[str, str]:
    """Returns the URL parameters of some values, without defaults."""
    return {value.name: value.text(new) for value, new in values.items() if new != value.default}


def link_only(values: Mapping[Value, Any], keep: Collection[Value] = ()) -> None:
    """Writes these values to the URL, keeps those in ``keep``, and removes all other parameters."""
    kept = {value.name: st.query_params[value.name] for value in keep if value.name in st.query_params}
    st.query_params.from_dict(kept | query(values))


def follow_link(page: str | StreamlitPage, query: Mapping[str, str]) -> None:
    """Opens a page with these URL parameters in place of the session's values. The run ends."""
    before, after = get(DATA_SHOWN), query.get(DATA.name)
    if before and after and after != before:
        switch_data_set(before, after)
        put(DATA_SHOWN, after)
    for name in query:
        st.session_state.pop(name, None)
    st.switch_page(page, query_params=query)


def whole_url(*without: Value) -> dict[str, list[str]]:
    """Returns all URL parameters except those of some values."""
    left_out = {value.name for value in without}
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in left_out}


# Figures, widgets and components ------------------------------------------------------------------------


def bound(value: Value) -> dict[str, Any]:
    """Returns the arguments that bind a Streamlit widget to a value: its key, and how long Streamlit keeps it."""
    return {"key": value.name} | ({} if value.scope == "page" else {"persist_state": "session"})


def from_component(key: str, name: str, parse: Callable[[Any], T], default: T) -> T:
    """Reads a custom component's message with ``parse``; anybody may have sent it.

    Returns the default if there is no message, or if ``parse`` cannot read it.
    """
    said = st.session_state.get(key)
    return _read(parse, said.get(name) if isinstance(said, Mapping) else None, default)


def _read(parse: Callable[[Any], T], said: object, default: T) -> T:
    try:
        return default if said is None else parse(said)
    # Messages from older tabs, other versions or strangers may lack parts or have the wrong types.
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        return default
