"""The comparison engine of Twofold. Imports no Qt, ever."""

__version__ = "0.2.0"
