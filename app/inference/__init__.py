"""The computations that all users share, without Streamlit: models, and functions of them."""
