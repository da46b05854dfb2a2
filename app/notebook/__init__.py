"""The plane of the class means as a widget for notebooks (:func:`ibinn_explorer.explore`), without Streamlit.

``subject``   images, models, and the positions of the images in the plane
``explorer``  the widget
``script``    the JavaScript modules and styles of the widget
"""
