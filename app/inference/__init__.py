"""What all people who use the app at once compute with, without Streamlit.

Pages ask (:mod:`app.models.asking`) and wait in one queue (:mod:`.queue`). Each of its threads has its own process
(:mod:`.process`, :mod:`.worker`), which has the models (:mod:`.models`) and computes with them (:mod:`.computations`).
What came out is kept for all (:mod:`.results`).
"""
