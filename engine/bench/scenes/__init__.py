"""Small painted landscapes, drawn from a description: seeded, quick, without any download."""
