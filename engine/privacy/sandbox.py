"""The layer on macOS: its sandbox, told to refuse all network use and nothing else.

`sandbox_init` has long been marked deprecated by Apple and still works; children inherit it.
This layer could not be tried on the systems Twofold is developed on: `twofold doctor` makes a
real attempt on the machine it runs on, and that answer counts.
"""

from __future__ import annotations

import ctypes

_PROFILE = b"(version 1)(allow default)(deny network*)"


def enter() -> str:
    """Enters the sandbox for good. Returns "" or, in a sentence, why not."""
    try:
        library = ctypes.CDLL("/usr/lib/libSystem.B.dylib", use_errno=True)
        sandbox_init, sandbox_free_error = library.sandbox_init, library.sandbox_free_error
    except (OSError, AttributeError):
        return "This macOS offers no sandbox to programs."
    sandbox_init.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p))
    sandbox_free_error.argtypes = (ctypes.c_char_p,)
    problem = ctypes.c_char_p()
    if sandbox_init(_PROFILE, 0, ctypes.byref(problem)) == 0:
        return ""
    words = (problem.value or b"no reason given").decode("utf-8", errors="replace")
    if problem.value is not None:
        sandbox_free_error(problem)
    return f"macOS did not let this program enter its sandbox ({words})."
