"""What a page teaches: two sentences, and more for those who want it."""

import streamlit as st


def show_lesson(short: str, more: str) -> None:
    """The lesson at the end of a page: two sentences, and folded away, what else to try, and why."""
    st.markdown(f"##### What to look for\n{short}")
    with st.expander("More to try, and why"):
        st.markdown(more)
