"""State turned into Qt item models: the findings table and lists of images and files."""
