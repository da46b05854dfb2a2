"""What a person has clicked or lassoed on a chart, from the ``customdata`` of its points."""

import streamlit as st


def selected_data(event: dict | None) -> list:
    """The ``customdata`` of the selected points, in Plotly's order; points without any do not count."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    data = [point["customdata"] for point in points if "customdata" in point]
    return [item[0] if isinstance(item, (list, tuple)) else item for item in data]


def selected_rows(event: dict | None) -> list[int]:
    """The rows of the selected test images; class means, which have none, do not count."""
    return [int(row) for row in selected_data(event)]


def clicked_id(key: str, seen: str) -> str | None:
    """The id of the model whose dot was clicked on a chart, once for each click.

    Arguments:
        key: of the chart; its dots carry the ids as ``customdata``.
        seen: where the last click is remembered.
    """
    chosen = next(iter(selected_data(st.session_state.get(key))), None)
    is_new = chosen and st.session_state.get(seen) != chosen
    st.session_state[seen] = chosen
    return chosen if is_new else None
