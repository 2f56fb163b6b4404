"""Scores in, evidence out: separation, intervals, tests, corrections. Reads and writes nothing.

Pure arithmetic on arrays: a row a hypothesis, a column an image, NaN where an image has no
score. Knows no file, no measurement's name and no other stage.
"""
