"""Where models come from: the public hub, or a mirror that the environment names."""

from __future__ import annotations

PUBLIC_HUB = "https://huggingface.co"
HUB_VARIABLES = ("TWOFOLD_HUB", "HF_ENDPOINT")  # environment: a mirror's address; first one counts
TOKEN_VARIABLE = "TWOFOLD_HUB_TOKEN"  # environment: for models whose licence must be accepted
