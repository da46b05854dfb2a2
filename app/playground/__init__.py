"""The page Playground: its element, its presets, and the program that trains the same model."""
