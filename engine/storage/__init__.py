"""Where comparisons and what is known of images are kept, and how they are forgotten.

Everything is content-addressed and private to the user. Reads no image and computes nothing.
"""
