"""The plane of the class means as a widget in notebooks (:func:`ibinn_explorer.explore`). Nothing here needs Streamlit.

``subject``   images and models, and where the models put the images
``explorer``  the widget
``script`` the parts of its front end: modules and styles
"""
