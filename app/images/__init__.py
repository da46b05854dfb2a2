"""The images of pages: their sources, their choice and their changes."""
