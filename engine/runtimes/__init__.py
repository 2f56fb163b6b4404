"""How models are loaded and run, one library a file. Knows no hypothesis and no comparison."""
