"""Functions that turn arrays into Plotly figures or images, and depend on no models, files or pages."""
