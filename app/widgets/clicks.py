"""What a person has clicked or lassoed on a chart, from the ``customdata`` of its points."""


def selected_data(event: dict | None) -> list:
    """The ``customdata`` of the selected points, in Plotly's order; points without any do not count."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    data = [point["customdata"] for point in points if "customdata" in point]
    return [item[0] if isinstance(item, (list, tuple)) else item for item in data]
