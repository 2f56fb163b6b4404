"""Small windows above a screen: export, privacy, shortcuts, details, one image."""
