"""Models that Twofold knows, one TOML each, and packs of them. Holds no code."""
