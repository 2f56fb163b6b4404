"""Puts a finished comparison into words and onto paper: PDF, HTML, JSON, CSV.

Computes no statistics of findings, decodes no original image, decides nothing.
"""
