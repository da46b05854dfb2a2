"""Checks the figures that the app draws unchecked."""

from pprint import pformat

import plotly.graph_objects as go
import pytest

from app.figures.draft import Draft


@pytest.fixture(autouse=True)
def plotly_takes_every_draft_as_it_is(monkeypatch):
    """Plotly checks each figure that a test makes of a draft: it must find no error and change nothing."""
    finish = Draft.finish

    def finish_and_check(draft, *arguments, **layout):
        figure = finish(draft, *arguments, **layout)
        assert pformat(go.Figure(figure.to_dict()).to_dict()) == pformat(figure.to_dict())  # arrays have no other ==
        return figure

    monkeypatch.setattr(Draft, "finish", finish_and_check)
