"""Moving an image in latent space; ``app/move_text.py`` writes the moves as text.

The browser computes the moved image with ``app/static/moves``.

============  =======================================================
``editor``    the element of the panel Move
``rows``      the models of *Several γ*
============  =======================================================
"""
