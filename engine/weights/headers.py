"""What the readers of weight files have in common: how they refuse.

A reader trusts nothing that a file says of itself: no number from a file decides how much memory
is taken or how long a loop runs, beyond what the file's own size allows.
"""

from __future__ import annotations

from engine.errors import ModelDamaged, ModelRefused

REINSTALL = "Fetch it again: “twofold models install NAME”, or take it from another source."
SUSPICIOUS = (
    "Do not use this file. Take the model from its makers, or from the manifest: “twofold models”."
)
CONVERT = (
    "Use the model's safetensors or GGUF version; its makers, or the hub, nearly always have one."
)


def cut_short(name: str, what: str) -> ModelDamaged:
    """The file ends before what it announces."""
    return ModelDamaged(f"“{name}” is cut short: {what}.", REINSTALL)


def refused(name: str, what: str) -> ModelRefused:
    """The file's structure is not sane; what: the rest of a sentence about it."""
    return ModelRefused(f"“{name}” was not opened: {what}.", SUSPICIOUS)


def pickled(name: str) -> ModelRefused:
    """The file would run code when opened."""
    return ModelRefused(
        f"“{name}” was not opened: it is a pickled checkpoint, which can run code when it is read.",
        CONVERT,
    )


def looks_pickled(head: bytes) -> bool:
    """Whether a file begins like a pickle or like the zip that torch puts pickles in.

    head: the first 16 bytes. A safetensors file may begin with the two bytes of a pickle, too,
    for it begins with a length; the zeros that follow tell them apart.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY")):
        return True
    return (
        head[:1] == b"\x80" and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"} and any(head[3:8])
    )
