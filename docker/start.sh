#!/bin/sh
# Serves the app in the container. Streamlit refuses pages of another name than the one in the browser's address bar:
# EXPLORER_HOST names it, or SPACE_HOST, which Spaces of the Hugging Face Hub set.
exec python tools/serve.py --browser.serverAddress="${EXPLORER_HOST:-${SPACE_HOST:-localhost}}" "$@"
