"""The images that a page works on: where they come from, how they are chosen, how they are altered."""
