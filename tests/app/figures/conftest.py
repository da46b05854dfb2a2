"""Checks what the app leaves unchecked when it draws."""

import plotly.graph_objects as go
import pytest

from app.figures.draft import Draft


@pytest.fixture(autouse=True)
def plotly_takes_every_draft_as_it_is(monkeypatch):
    """Has Plotly check each figure that a test makes of a draft: it must find no fault, and nothing to change."""
    finish = Draft.finish

    def finish_and_check(draft, *arguments, **layout):
        figure = finish(draft, *arguments, **layout)
        assert go.Figure(figure.to_dict()).to_dict() == figure.to_dict()
        return figure

    monkeypatch.setattr(Draft, "finish", finish_and_check)
