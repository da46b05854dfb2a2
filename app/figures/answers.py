"""Two models' answers on the same images: a square for each pair of answers."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.figures.layout import TOOLBAR, finish
from app.figures.text import plotly_text, plotly_texts
from app.palette import ACCENT, SET_COLORS, rgba

HEIGHT = 420  # CSS pixels
MAX_CLASSES = 15  # with more classes, squares would be too small for numbers
EDGE = 44  # CSS pixels below the squares, for the classes' names and the title


def shown_answers(answers: np.ndarray, chosen: tuple[int, int] | None = None) -> np.ndarray:
    """The numbers of the classes that have squares, ascending: all, or the classes with the most disagreements.

    Both classes of the ``chosen`` square are always included.
    """
    if len(answers) <= MAX_CLASSES:
        return np.arange(len(answers))
    differ = answers * ~np.eye(len(answers), dtype=bool)
    weights = (differ.sum(0) + differ.sum(1)).astype(float)
    weights[list(chosen or ())] = np.inf
    return np.sort(np.argsort(-weights, kind="stable")[:MAX_CLASSES])


def answers_figure(
    answers: np.ndarray, names: tuple[str, str], classes: Sequence[str], chosen: tuple[int, int] | None = None
) -> go.Figure:
    """Draws the number of images for each pair of answers: rows are the first model's answers, columns the second's.

    If there are many classes, only those that :func:`shown_answers` returns have squares.

    Arguments:
        answers: counts, ``(K, K)``.
        names: names of the two models.
        classes: K names.
        chosen: row and column of the chosen square, if any.
    """
    shown, every = shown_answers(answers, chosen), len(classes)
    answers = answers[np.ix_(shown, shown)]
    labels = plotly_texts([name for k, name in enumerate(classes) if k in shown])
    count = len(shown)
    differ = answers.astype(float) * ~np.eye(count, dtype=bool)
    figure = go.Figure(
        go.Heatmap(
            uid="answers",
            z=np.sqrt(differ),  # keeps rare pairs visible beside frequent ones
            colorscale=[[0, rgba(SET_COLORS[0], 0)], [1, rgba(SET_COLORS[0], 0.85)]],
            zmin=0,
            zmax=max(1.0, float(np.sqrt(differ.max()))),
            showscale=False,
            hoverinfo="skip",
            xgap=1,
            ygap=1,
        )
    )
    row, column = np.divmod(np.arange(count**2), count)
    texts = [
        f"{plotly_text(names[0])}: {labels[i]}<br>{plotly_text(names[1])}: {labels[j]}<br>{answers[i, j]:,} test images"
        for i, j in zip(row, column, strict=True)
    ]
    figure.add_scatter(
        uid="squares",
        x=column,
        y=row,
        customdata=shown[row] * every + shown[column],
        mode="markers+text",
        marker={"symbol": "square", "size": 8, "color": "rgba(0,0,0,0)"},
        texttemplate=[f"{n:,}" if n else "" for n in answers.ravel()],
        text=texts,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    if chosen is not None:
        y, x = (int(np.flatnonzero(shown == k)[0]) for k in chosen)
        figure.add_shape(
            type="rect",
            x0=x - 0.5,
            x1=x + 0.5,
            y0=y - 0.5,
            y1=y + 0.5,
            line={"color": ACCENT, "width": 3},
            layer="above",
        )
    axis = {"tickvals": list(range(count)), "ticktext": labels, "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        **axis,
        range=[-0.5, count - 0.5],
        title_text=f"{plotly_text(names[1])} says",
        tickangle=0 if max(map(len, labels)) <= 2 else -90,  # short names are horizontal
    )
    figure.update_yaxes(**axis, range=[count - 0.5, -0.5], title_text=f"{plotly_text(names[0])} says")
    margin = {"l": 8, "r": TOOLBAR, "t": 8, "b": EDGE}
    # hoverdistance -1 means any distance: the centre nearest to the pointer belongs to the square under the pointer.
    return finish(figure, HEIGHT, margin=margin, dragmode=False, hovermode="closest", hoverdistance=-1)
