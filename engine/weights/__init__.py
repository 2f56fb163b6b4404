"""Model files: what the manifest says of them, where they lie, and that they are what they claim.

One module of this package uses a network, and only in a process of its own: the installer.
"""
