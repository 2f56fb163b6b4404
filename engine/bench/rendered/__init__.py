"""A small visual world, rendered: scenes with true attributes, words for them, pairs of sets."""
