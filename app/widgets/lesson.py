"""What a page teaches: two sentences, and more for those who want it."""

import streamlit as st


def show_lesson(short: str, more: str) -> None:
    """The lesson at the end of a page.

    Arguments:
        short: two sentences, in Markdown; they name the paper's figure.
        more: what else to try, and why; folded away until somebody asks.
    """
    st.markdown(f"##### What to look for\n{short}")
    with st.expander("More to try, and why"):
        st.markdown(more)
