"""What the tests about model files share."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture
def without_override() -> tuple[str, ...]:
    """A command prefix under which file modes bind the process, even one of root's."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to lay down root's rights")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
