"""CSS selectors of Streamlit's elements, all in one place since another version may change them.

Style sheets and scripts contain names like ``«page»``, which :func:`with_selectors` replaces by selectors.
"""

import re

import streamlit as st

SELECTORS = {
    "main": '[data-testid="stMain"]',
    "page": ".stMainBlockContainer",
    "blocks": '[data-testid="stVerticalBlock"]',
    "wrapper": '[data-testid="stLayoutWrapper"]',  # wraps a container or a fragment
    "element": ".stElementContainer",
    "stale": '[data-stale="true"]',  # not yet updated by the current run
    "header": ".stAppHeader",
    "text": ".stMarkdown",
    "table": '[data-testid="stMarkdownContainer"]:has(> table)',
    "caption": '[data-testid="stCaptionContainer"]',
    "image": '[data-testid="stImage"]',
    "image tools": '.stElementContainer:has([data-testid="stImage"]) .stElementToolbar',
    "label": '[data-testid="stWidgetLabel"]',  # label of a widget
    "slider": ".stSlider",
    "slider track": ".stSlider [role=group] > [data-rac]",
    "slider thumb": ".stSlider [role=group] > [data-rac] > [data-rac]",
    "link": '[data-testid="stLinkButton"] a',
    "icon": '[data-testid="stIconMaterial"]',
    "nav link": '[data-testid="stTopNavLink"]',
    "menu link": '[data-testid="stSidebarNavLink"]',
    "close menu": '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button',
    "dialog box": '[data-testid="stDialog"] > div',  # scrolls within the window
    "close dialog": '[data-testid="stDialog"] button[aria-label="Close"]',
    "segment": 'button[data-variant="segmented_control"]',
    "file chips": '[data-testid="stFileChips"] > div',  # chips of uploaded files
    "alert": '[data-testid="stAlert"]',
    "spinner": ".stSpinner",
    "primary button": '[data-testid="stBaseButton-primary"]',
    "popover button": '[data-testid="stPopoverButton"]',
    "popover": '[data-testid="stPopoverBody"]',
}


def with_selectors(text: str) -> str:
    """Replaces the names in a style sheet or script by selectors; ``KeyError`` for an unknown name."""
    return re.sub("«(.+?)»", lambda found: SELECTORS[found[1]], text)


def show_style(css: str) -> None:
    """Adds a style sheet to the page."""
    st.html(f"<style>{with_selectors(css)}</style>")
