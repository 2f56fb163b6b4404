"""Puts a theme on the whole application, and follows the system's light and dark.

Decides no colour: those are in theme.py.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from desktop.stylesheet import stylesheet
from desktop.theme import DARK, LIGHT, Colours, text_sizes


def follow_system(app: QApplication) -> QObject:
    """Wear the system's light or dark colours now and whenever they change."""
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(lambda scheme: wear(app, _theme_for(scheme)))
    wear(app, _theme_for(hints.colorScheme()))
    return hints


def wear(app: QApplication, theme: Colours) -> None:
    """Put a theme on the whole application."""
    app.setStyle("Fusion")
    app.setPalette(_qpalette(theme))
    app.setStyleSheet(stylesheet(theme, text_sizes(app.font().pointSizeF())))


def _theme_for(scheme: Qt.ColorScheme) -> Colours:
    return DARK if scheme is Qt.ColorScheme.Dark else LIGHT


def _qpalette(theme: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in {
        role.Window: theme.ground,
        role.WindowText: theme.ink,
        role.Base: theme.card,
        role.AlternateBase: theme.sunken,
        role.Text: theme.ink,
        role.PlaceholderText: theme.muted,
        role.Button: theme.card,
        role.ButtonText: theme.ink,
        role.ToolTipBase: theme.ink,
        role.ToolTipText: theme.on_ink,
        role.Highlight: theme.line_strong,
        role.HighlightedText: theme.ink,
        role.Link: theme.ink,
        role.Mid: theme.line_strong,
        role.Midlight: theme.line,
        role.Light: theme.card,
        role.Dark: theme.line_strong,
    }.items():
        palette.setColor(target, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, target, QColor(theme.faint))
    return palette
