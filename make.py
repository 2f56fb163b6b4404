"""Sets everything up and runs it, on Linux, macOS and Windows: `python make.py demo`.

demo   make the environment, compare an example pair, write a PDF, open the window on it
test   make the environment and run the tests
check  make the environment; lint, strict types, import contracts
setup  make the environment only
clean  remove the environment and the demo

Needs nothing but Python 3.11 or later; the Makefile only names these.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = Path(os.environ.get("TWOFOLD_ENVIRONMENT", ROOT / ".venv"))
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
DEMO = ROOT / "demo"
WINDOW_WAIT_S = 3.0  # a window that cannot open has failed by then


def run(*command: object, **options: object) -> int:
    return subprocess.run([str(part) for part in command], cwd=ROOT, **options).returncode


def must(*command: object) -> None:
    if status := run(*command):
        sys.exit(status)


def setup(extras: str = "") -> None:
    """Makes the environment, or does nothing when it is as it should be.

    With the extra "models" it takes some 6 GB and compiles llama.cpp: ten minutes or so.
    """
    wanted = hashlib.sha256(
        b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
        + f"{extras}{sys.version_info[:2]}{ROOT}".encode()
    ).hexdigest()
    stamp = ENVIRONMENT / f"ready{extras.replace(',', '-')}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    wait = "ten minutes and 6 GB, once" if "models" in extras else "about a minute"
    print(f"Making the environment in {ENVIRONMENT.name} ({wait}) …", flush=True)
    if not PYTHON.exists() and run(sys.executable, "-m", "venv", ENVIRONMENT):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        sys.exit("Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv")
    target = f".[{extras}]" if extras else "."
    must(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--editable", target, "--constraint", "constraints.txt")  # fmt: skip
    stamp.write_text(wanted)


def has_screen() -> bool:
    if os.environ.get("CI"):
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def demo() -> None:
    setup()
    data, pair, report = DEMO / "data", DEMO / "images", DEMO / "report.pdf"
    DEMO.mkdir(exist_ok=True)
    print("Painting the example pair …", flush=True)
    must(PYTHON, "-m", "engine.bench.example_pair", pair)
    must(PYTHON, "-m", "engine.cli", "--data-dir", data, "compare", pair, "--report", report)
    print(f"\nThe report: {report.relative_to(ROOT)}", flush=True)
    if not has_screen():
        print("No screen here, so no window. With one, it opens on this comparison.")
        return
    window = subprocess.Popen(
        [PYTHON, "-m", "desktop.app", "--data-dir", data, "--open", "latest"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the window stays open after this has ended, and whoever
        stderr=subprocess.DEVNULL,  # reads this output must not wait for it
        start_new_session=os.name != "nt",
    )
    time.sleep(WINDOW_WAIT_S)
    if window.poll():
        print(
            "The window could not open; the report is complete. On Linux it needs the system's\n"
            "libEGL and xcb libraries: apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0"
        )
    else:
        print("The window is open on it.")


def test() -> None:
    setup("dev,models")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    must(PYTHON, "-m", "pytest", *sys.argv[2:])


def check() -> None:
    setup("dev,models")
    must(PYTHON, "-m", "ruff", "check", ".")
    must(PYTHON, "-m", "ruff", "format", "--check", ".")
    must(PYTHON, "-m", "mypy")
    must(BIN / "lint-imports")


def clean() -> None:
    for folder in (ENVIRONMENT, DEMO):
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Twofold needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    tasks = {"demo": demo, "test": test, "check": check, "setup": setup, "clean": clean}
    if len(sys.argv) < 2 or sys.argv[1] not in tasks:
        sys.exit(str(__doc__))
    tasks[sys.argv[1]]()


if __name__ == "__main__":
    main()
