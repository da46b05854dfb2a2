"""The app's pages, one per file. Streamlit runs these files; no module imports them."""
