"""The panel Trade-off: test error against likelihood (Fig. 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.controls import ModelsState, switch
from app.desk import question
from app.figures.family_curve import curve_figure, percent
from app.figures.text import symbols_html
from app.panel import Html, Panel, Part, Plot, View
from app.results.marks import key_of
from app.results.questions import TradeOff, trade_off
from app.widgets.markdown import markdown_text
from ibinn_core.evaluation.results.paper import TABLES


@dataclass(frozen=True)
class State(ModelsState):
    """Whether the paper's models are drawn. The slider's model has a ring."""

    paper: bool = switch(
        "The paper's models", "Open marks: the paper's larger networks.", lambda before: before["data"] in TABLES
    )


def views(state: State) -> list[View]:
    """The figure, and the measured numbers of the chosen model."""

    def draw(found: TradeOff) -> Sequence[Part]:
        if not found.marks:
            return ["No model here has a likelihood to compare with its error: see the other tabs."]
        alt = "Test error over bits/dim. " + "; ".join(
            f"{mark.title} {percent(mark.error)}, {mark.bits:.2f} bits/dim" for mark in found.marks
        )
        figure = curve_figure(found.places, found.marks, found.levels, state.model)
        return [
            Plot("curve", figure, alt, picks="model", wide=True),
            Html(symbols_html(key_of(found.marks, any(place.is_mixed for place in found.places)))),
            "Click a mark to choose its model.",
            *([markdown_text(found.problem)] if found.problem else []),
        ]

    return [View([question(trade_off, state.data, state.paper)], draw)]


PANEL = Panel(
    "trade-off",
    "Trade-off",
    "Follow the line from the top left to the bottom right: the same network, with more and more weight on "
    "the classes. Where would *you* stop, and why is no model with a likelihood in the bottom left corner?",
    State,
    views,
    "A model in that corner would know both what images look like and what they show. Up to some γ the error falls "
    "fast and bits/dim hardly rise. Beyond this γ, each step costs more likelihood and gains less accuracy. Small "
    "dots: weights averaged from two neighbours. The paper's networks are larger and were trained for 450 epochs, so "
    "compare where the line of [the paper](https://arxiv.org/abs/2001.06448)'s marks leads, not how high they are.",
    has_slider=True,
)
