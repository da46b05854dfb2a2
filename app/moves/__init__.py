"""Moving an image in latent space; ``app/move_text.py`` writes down what was done to it.

The browser computes, by ``app/static/moves``.

============  =======================================================
``editor``    the element of the panel Move
``rows``      the models of *Several γ*
============  =======================================================
"""
