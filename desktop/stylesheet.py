"""The style sheet of the whole window, made from a theme. Widgets name their part in it by the
properties `role` (frames and text), `kind` (buttons) and `tone` (good, warn, bad, idle)."""

from __future__ import annotations

from desktop.theme import RADIUS, Colours, TextSizes


def stylesheet(c: Colours, t: TextSizes) -> str:
    return "\n".join((_text(c, t), _frames(c), _buttons(c, t), _fields(c, t), _lists(c, t)))


def _text(c: Colours, t: TextSizes) -> str:
    tones = "".join(
        f'QLabel[tone="{tone}"] {{ color: {c.tone(tone)[0]}; }}\n'
        for tone in ("good", "warn", "bad", "idle")
    )
    return f"""
QWidget {{ color: {c.ink}; font-size: {t.body:.2f}pt; }}
QMainWindow, #ground {{ background: {c.ground}; }}
QDialog {{ background: {c.card}; }}
QLabel {{ background: transparent; }}
QLabel[role="small"] {{ font-size: {t.small:.2f}pt; color: {c.muted}; }}
QLabel[role="muted"] {{ color: {c.muted}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="title"] {{ font-size: {t.title:.2f}pt; font-weight: 600; }}
QLabel[role="display"] {{ font-size: {t.display:.2f}pt; font-weight: 600; }}
QLabel[role="code"] {{ font-size: {t.small:.2f}pt; color: {c.muted}; font-family: monospace; }}
{tones}
QToolTip {{ background: {c.ink}; color: {c.on_ink}; border: none; padding: 4px 8px;
  font-size: {t.small:.2f}pt; }}
"""


def _frames(c: Colours) -> str:
    return f"""
QFrame[role="card"] {{ background: {c.card}; border: 1px solid {c.line};
  border-radius: {RADIUS}px; }}
QFrame[role="bar"] {{ background: {c.card}; border: none; border-bottom: 1px solid {c.line}; }}
QFrame[role="foot"] {{ background: {c.card}; border: none; border-top: 1px solid {c.line}; }}
QFrame[role="rule"] {{ background: {c.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[role="sunken"] {{ background: {c.sunken}; border: none; border-radius: {RADIUS}px; }}
QFrame[role="notice"] {{ border: none; border-radius: {RADIUS}px; background: {c.sunken}; }}
QFrame[role="notice"][tone="warn"] {{ background: {c.warn_tint}; }}
QFrame[role="notice"][tone="bad"] {{ background: {c.bad_tint}; }}
QFrame[role="notice"][tone="good"] {{ background: {c.good_tint}; }}
QScrollArea, QScrollArea > QWidget > QWidget#plain {{ background: transparent; border: none; }}
QSplitter::handle {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {c.line_strong}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:hover {{ background: {c.faint}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _buttons(c: Colours, t: TextSizes) -> str:
    return f"""
QPushButton {{ background: {c.card}; border: 1px solid {c.line_strong};
  border-radius: {RADIUS}px; padding: 6px 16px; font-weight: 500; outline: none; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.line}; }}
QPushButton:disabled {{ color: {c.faint}; border-color: {c.line}; background: {c.sunken}; }}
QPushButton[kind="primary"] {{ background: {c.ink}; color: {c.on_ink}; border-color: {c.ink};
  font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {c.muted}; border-color: {c.muted}; }}
QPushButton[kind="primary"]:disabled {{ background: {c.line}; color: {c.muted};
  border-color: {c.line}; }}
QPushButton[kind="big"] {{ background: {c.ink}; color: {c.on_ink}; border-color: {c.ink};
  font-weight: 600; font-size: {t.title:.2f}pt; padding: 12px 40px; }}
QPushButton[kind="big"]:hover {{ background: {c.muted}; border-color: {c.muted}; }}
QPushButton[kind="big"]:disabled {{ background: {c.line}; color: {c.muted};
  border-color: {c.line}; }}
QPushButton[kind="danger"] {{ background: {c.bad}; color: {c.on_ink}; border-color: {c.bad};
  font-weight: 600; }}
QPushButton[kind="small"] {{ padding: 4px 12px; border-radius: 6px;
  font-size: {t.small:.2f}pt; }}
QPushButton[kind="link"] {{ background: transparent; border: none; padding: 4px 8px;
  color: {c.muted}; font-size: {t.small:.2f}pt; }}
QPushButton[kind="link"]:hover {{ color: {c.ink}; background: {c.hover}; }}
QPushButton[kind="nav"] {{ background: transparent; border: none; border-radius: 0;
  border-bottom: 3px solid transparent; border-top: 3px solid transparent; padding: 0 4px;
  margin: 0 4px; color: {c.muted}; }}
QPushButton[kind="nav"]:hover {{ color: {c.ink}; }}
QPushButton[kind="nav"]:checked {{ color: {c.ink}; font-weight: 600;
  border-bottom-color: {c.ink}; }}
QPushButton[kind="nav"]:disabled {{ color: {c.faint}; }}
QPushButton[kind="chip"] {{ border-radius: 13px; padding: 0 12px; min-height: 24px;
  max-height: 24px; border-color: {c.line}; color: {c.muted}; font-size: {t.small:.2f}pt; }}
QPushButton[kind="chip"]:checked {{ background: {c.ink}; border-color: {c.ink};
  color: {c.on_ink}; font-weight: 600; }}
QPushButton[kind="chip"][side="A"] {{ color: {c.a}; background: {c.a_tint};
  border-color: {c.a_tint}; }}
QPushButton[kind="chip"][side="A"]:checked {{ background: {c.a}; color: {c.card}; }}
QPushButton[kind="chip"][side="B"] {{ color: {c.b}; background: {c.b_tint};
  border-color: {c.b_tint}; }}
QPushButton[kind="chip"][side="B"]:checked {{ background: {c.b}; color: {c.card}; }}
QPushButton[kind="caution"] {{ border: none; border-radius: 12px; padding: 0 12px;
  min-height: 24px; max-height: 24px; background: {c.warn_tint}; color: {c.warn};
  font-size: {t.small:.2f}pt; text-align: left; }}
QPushButton[kind="caution"]:hover, QPushButton[kind="caution"]:checked {{
  background: {c.warn}; color: {c.card}; }}
QPushButton[kind="status"] {{ background: transparent; border: none; padding: 0 8px;
  text-align: left; font-size: {t.small:.2f}pt; color: {c.muted}; border-radius: 4px; }}
QPushButton[kind="status"]:hover {{ background: {c.hover}; }}
QPushButton[kind="status"][tone="good"] {{ color: {c.good}; font-weight: 600; }}
QPushButton[kind="status"][tone="warn"] {{ color: {c.warn}; font-weight: 600; }}
QPushButton[kind="status"][tone="bad"] {{ color: {c.bad}; font-weight: 600; }}
QPushButton[kind="segment"] {{ border-radius: 6px; border: 1px solid transparent;
  background: transparent; color: {c.muted}; padding: 4px 12px; }}
QPushButton[kind="segment"]:checked {{ background: {c.card}; border-color: {c.line_strong};
  color: {c.ink}; font-weight: 600; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QCheckBox {{ spacing: 8px; background: transparent; }}
QCheckBox:disabled {{ color: {c.faint}; }}
QMenu {{ background: {c.card}; border: 1px solid {c.line_strong}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.hover}; }}
"""


def _fields(c: Colours, t: TextSizes) -> str:
    return f"""
QLineEdit, QSpinBox, QPlainTextEdit {{ background: {c.sunken}; border: 1px solid {c.line};
  border-radius: {RADIUS}px; padding: 4px 8px; selection-background-color: {c.ink};
  selection-color: {c.on_ink}; }}
QLineEdit:hover, QSpinBox:hover {{ border-color: {c.line_strong}; }}
QLineEdit:focus, QSpinBox:focus, QPlainTextEdit:focus {{ border: 2px solid {c.ring};
  padding: 3px 7px; background: {c.card}; }}
QLineEdit:disabled {{ color: {c.faint}; }}
QLineEdit[role="title"] {{ font-size: {t.title:.2f}pt; font-weight: 600; background: transparent;
  border: 1px solid transparent; padding: 1px 4px; }}
QLineEdit[role="title"]:hover {{ border-color: {c.line_strong}; }}
QLineEdit[role="title"]:focus {{ border: 2px solid {c.ring}; padding: 0 3px; }}
QComboBox {{ background: {c.sunken}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
  padding: 4px 8px; min-height: 20px; }}
QComboBox:hover {{ border-color: {c.line_strong}; }}
QComboBox:focus {{ border: 2px solid {c.ring}; padding: 3px 7px; background: {c.card}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox QAbstractItemView {{ border: 1px solid {c.line_strong}; padding: 4px;
  selection-background-color: {c.hover}; selection-color: {c.ink}; }}
QPlainTextEdit {{ font-family: monospace; font-size: {t.small:.2f}pt; }}
"""


def _lists(c: Colours, t: TextSizes) -> str:
    return f"""
QAbstractItemView {{ background: {c.card}; border: none; outline: none; }}
QListView[role="pictures"] {{ background: transparent; }}
QListView[role="names"] {{ background: {c.sunken}; border-radius: {RADIUS}px; padding: 4px; }}
QHeaderView, QHeaderView::section {{ background: {c.card}; color: {c.muted}; border: none;
  font-size: {t.small:.2f}pt; font-weight: 400; }}
QHeaderView::section {{ border-bottom: 1px solid {c.line}; padding: 4px 8px 8px 8px; }}
QTableCornerButton::section {{ background: {c.card}; border: none; }}
QFileDialog QAbstractItemView {{ border: 1px solid {c.line}; }}
"""
