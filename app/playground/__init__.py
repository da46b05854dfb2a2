"""The page Playground: its element, its presets, the program that trains the same model."""
