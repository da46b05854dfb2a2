"""The lessons as a course: their texts, predictions and live pictures, and what remembers how far a person is."""
