"""Measurements: plain values read off one image, one small file a family.

`catalogue` gathers the families. Nothing here opens a file, keeps state or compares two images.
"""
