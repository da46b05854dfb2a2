"""The link to exactly the current view, and its QR code for an audience."""

import io
from urllib.parse import urlencode, urlsplit

import streamlit as st

from app import state
from app.widgets.selectors import show_style
from app.widgets.stage import is_code_asked_for

_LARGE = """
[role="dialog"] { zoom: 1.2; }
[role="dialog"] «image» img { width: 50.5vh; height: 50.5vh; max-width: none;
    display: block; image-rendering: pixelated; }
[role="dialog"] «element»:has(«image») { align-self: center; }
[role="dialog"] «blocks» { gap: 0.25rem; }
"""
LOCAL = ("localhost", "127.0.0.1", "::1")


def link_of(url: str, parameters: dict[str, list[str]]) -> str:
    """Returns the address of a view: its page with only the view's parameters."""
    query = urlencode(parameters, doseq=True)
    return f"{url.split('?')[0]}{'?' if query else ''}{query}"


def qr_svg(text: str) -> str | None:
    """Returns a text's QR code as SVG, dark on white in any theme; ``None`` if the text is too long."""
    import segno  # loaded only when somebody shares a view

    target = io.BytesIO()
    try:
        code = segno.make(text, error="m")
    except segno.DataOverflowError:
        return None
    code.save(target, kind="svg", scale=4, border=3, dark="#000", light="#fff", xmldecl=False)
    return target.getvalue().decode()


def reserve_link() -> None:
    """Reserves space for the link, which is complete only after the page has written its state to the URL."""
    state.put(state.SHARE_PLACE, st.container())


def show_link() -> None:
    """Shows the link and its QR code; must come last on a page.

    A note warns if others cannot reach the address. The link opens the page without the stage, for phones.
    On stage, the QR code fills the screen after a key press.
    """
    place = state.take(state.SHARE_PLACE)
    if place is None:
        place = st.popover("Share", icon=":material/qr_code:", help="The link to this view, and its QR code.")
    with place:
        _show_link()
    if is_code_asked_for():
        _fill_screen()


def _link(with_image: bool = False) -> str:
    """Returns the public address of the page; it contains the user's own images only on request."""
    said = state.whole_url(state.STAGE)
    given = {name: [state.token_of(text) for text in texts] for name, texts in said.items()}
    left_out = state.YOURS if with_image else (state.YOURS, state.OWN)
    return link_of(st.context.url or "", {n: texts for n, texts in given.items() if not texts[-1].startswith(left_out)})


@st.dialog("Open this view", width="large")
def _fill_screen() -> None:
    link = _link()
    if code := qr_svg(link):
        show_style(_LARGE)
        st.image(code)
    st.code(link, language=None, wrap_lines=True)
    _say_who_can_open(link)


def _say_who_can_open(link: str) -> None:
    if urlsplit(link).hostname in LOCAL:
        st.caption("This link works on this computer only. To share it, open the app at its network address.")


def _show_link() -> None:
    url = st.context.url
    if not url:
        return
    link = _link()
    if link != _link(with_image=True):
        options = {False: "Link without your image", True: "Link with your image"}
        link = _link(bool(st.radio("Your image", options, format_func=options.get, **state.bound(state.SHARE_IMAGE))))
    else:
        st.caption("Link to this view:")
    st.code(link, language=None, wrap_lines=True)
    if code := qr_svg(link):
        st.image(code, width=200)
    else:
        st.caption("The link holds your image or selection, so it is too long for a QR code. Copy it instead.")
    _say_who_can_open(link)
