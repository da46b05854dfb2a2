"""What all people who use the app at once compute with, without Streamlit: models, and functions of them."""
