"""Child processes that read images, and may die doing so."""
