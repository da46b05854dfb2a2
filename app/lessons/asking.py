"""Takes a person's prediction in a lesson."""

import streamlit as st

from app import state
from app.lessons import navigation
from app.lessons.course import AnyLesson, Choice, Place, Scale


def ask(lesson: AnyLesson, place: Place, prompt: str) -> None:
    """Takes the person's prediction."""
    st.markdown(f"**{prompt}**")
    guessed = state.GUESSED.of(place.lesson)
    match lesson.guess:
        case Scale() as scale:
            chosen = scale.read(place.guess)
            state.put(guessed, scale.start if chosen is None else chosen)
            st.slider(
                scale.label,
                scale.low,
                scale.high,
                **state.bound(guessed),
                format="%d %%",
                label_visibility="collapsed",
                on_change=lambda: navigation.predict(place.lesson, str(state.get(guessed))),
            )
        case Choice(options, several=True):
            ids = [option.id for option in options]
            state.put(guessed, [id for id in place.guess.split(",") if id in ids])
            st.pills(
                prompt,
                ids,
                selection_mode="multi",
                format_func={option.id: option.label for option in options}.__getitem__,
                **state.bound(guessed),
                label_visibility="collapsed",
                wrap=True,
                on_change=lambda: navigation.predict(
                    place.lesson, ",".join(id for id in ids if id in state.get(guessed))
                ),
            )
        case Choice(options):
            for option in options:
                st.button(
                    option.label,
                    key=f"{guessed.name}-{option.id}",
                    type="primary" if option.id == place.guess else "secondary",
                    on_click=navigation.predict,
                    args=(place.lesson, option.id),
                    width="stretch",
                )
