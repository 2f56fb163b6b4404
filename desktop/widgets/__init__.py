"""The parts that screens are made of. A widget knows values and the theme, never the engine."""
