"""What all people who use the app at once compute with: one queue, one store of results, one process for long work.

Nothing here imports Streamlit.
"""
