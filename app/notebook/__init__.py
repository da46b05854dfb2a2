"""The figures as a widget in notebooks: what :func:`ibinn_core.explore` shows. Nothing here needs Streamlit.

``subject``   images and models, and where the models put the images
``explorer``  the widget
``script``    what its front end is made of: modules, styles, Plotly
"""
