"""The pages of the app, one file each: Streamlit runs them, and no module imports them."""
