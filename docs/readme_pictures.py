"""Makes the README's pictures anew: the real engine on the example pair, window, page, terminal.

    python docs/readme_pictures.py [FOLDER]        (default: docs/pictures)

Needs no display; needs `pdftoppm` (poppler) for the report's page. Fonts and so the exact pixels
are those of the machine.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtGui import QFont, QFontDatabase  # noqa: E402 - after the path is set
from PySide6.QtWidgets import QApplication  # noqa: E402
from rich._export_format import CONSOLE_SVG_FORMAT  # noqa: E402
from rich.console import Console  # noqa: E402

from desktop import theme  # noqa: E402
from desktop.app import prepare  # noqa: E402
from desktop.engine_process import EngineProcess, default_command  # noqa: E402
from desktop.look import wear  # noqa: E402
from desktop.main_window import MainWindow  # noqa: E402
from desktop.session import Session  # noqa: E402
from docs.pictures import FONT_CHOICES, settle  # noqa: E402
from engine import terminal  # noqa: E402
from engine.bench.example_pair import write_example_pair  # noqa: E402
from engine.client import EngineClient, engine_command  # noqa: E402
from engine.protocol import Compare, Export, Job  # noqa: E402
from engine.vocabulary import Comparison  # noqa: E402

SIZE = (1440, 900)
COLUMNS = 104
SHOWN = 12  # findings on the terminal
LEAD = "sailing boat"  # the finding that the window shows


def compare(data: Path, pair: Path, pdf: Path) -> Comparison:
    write_example_pair(pair)
    with EngineClient(engine_command(data)) as client:
        comparison = client.result(Compare(client.new_id(), Job(parent=str(pair)))).comparison
        assert comparison is not None
        client.result(Export(client.new_id(), comparison.id, str(pdf), "pdf"))
    return comparison


def window(data: Path, comparison: Comparison, folder: Path) -> None:
    app = QApplication(["twofold"])
    families = set(QFontDatabase.families())
    family = next((name for name in FONT_CHOICES if name in families), app.font().family())
    app.setFont(QFont(family, 10))
    prepare(app)
    shown = [i for i, f in enumerate(comparison.findings) if LEAD in f.description]
    for look, name in ((theme.LIGHT, "findings.png"), (theme.DARK, "findings-dark.png")):
        wear(app, look)
        session = Session(EngineProcess(default_command(), str(data)))
        frame = MainWindow(session)
        frame.resize(*SIZE)
        frame.show()
        session.start()
        while session.state.entries is None:
            settle(0.05)
        session.open(comparison.id)
        while session.state.comparison is None:
            settle(0.05)
        settle(0.6)
        frame.findings_view.table.select_row(shown[0] if shown else 0)
        settle(3.0)  # the engine makes the pictures it was asked for
        frame.grab().save(str(folder / name))
        frame.close()
        settle(0.3)


def page(pdf: Path, folder: Path) -> None:
    command = ["pdftoppm", "-r", "80", "-f", "1", "-l", "1", "-png", "-singlefile"]
    subprocess.run([*command, str(pdf), str(folder / "report")], check=True)


def on_terminal(comparison: Comparison, folder: Path) -> None:
    console = Console(
        file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, highlight=False
    )
    console.print("[dim]$[/] twofold compare “Coast 2019” “Coast 2024” --report report.pdf")
    terminal.print_comparison(comparison, SHOWN, kept=True, console=console)
    # without the faces that the picture would fetch from the web
    style = re.sub(r"@font-face {{.*?}}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    style = style.replace("Fira Code", "DejaVu Sans Mono, Consolas, Menlo")
    console.save_svg(str(folder / "terminal.svg"), title="twofold", code_format=style)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="twofold-readme-") as name:
        work = Path(name)
        comparison = compare(work / "data", work / "pair", work / "report.pdf")
        window(work / "data", comparison, folder)
        page(work / "report.pdf", folder)
        on_terminal(comparison, folder)


if __name__ == "__main__":
    main()
