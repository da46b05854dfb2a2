"""The lessons as a course: their texts, predictions and live pictures, and a person's progress."""
