"""The lessons of the course: texts, predictions, interactive figures, and the user's progress."""
