"""The computations that all users share, without Streamlit: loaded models, and functions that use them."""
