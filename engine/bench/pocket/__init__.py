"""Pocket models: real members of the product's model families, trained on the rendered world."""
