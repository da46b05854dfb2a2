"""The pages of the app, a file a page: Streamlit runs them, and no module imports them."""
