"""Data made to measure Twofold by: generated images whose differences are known."""
