"""Colours, sizes and spacing of the window, light and dark. Draws nothing.

Blue means A and orange means B, everywhere, and neither colour means anything else; buttons
and focus are ink on paper. All lengths are multiples of 8 pixels where they can be.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QGuiApplication

from engine.vocabulary import Side

RADIUS = 8  # of cards, buttons and pictures
SMALLEST_PT = 8.5  # text below this is not readable for long


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. Text colours reach a contrast of 4.5 on `card` and on `ground`."""

    dark: bool
    ground: str  # behind the cards
    card: str
    sunken: str  # fields, tracks, plots
    hover: str
    line: str
    line_strong: str  # borders of things that can be used
    ink: str
    muted: str
    faint: str  # decoration only, never text that must be read
    a: str
    a_tint: str
    b: str
    b_tint: str
    good: str
    good_tint: str
    warn: str
    warn_tint: str
    bad: str
    bad_tint: str
    on_ink: str  # text on a filled primary button
    ring: str  # keyboard focus

    def side(self, side: Side) -> str:
        return self.a if side is Side.A else self.b

    def side_tint(self, side: Side) -> str:
        return self.a_tint if side is Side.A else self.b_tint

    def tone(self, tone: str) -> tuple[str, str]:
        """Text and tint of "good", "warn", "bad" or "idle"."""
        return {
            "good": (self.good, self.good_tint),
            "warn": (self.warn, self.warn_tint),
            "bad": (self.bad, self.bad_tint),
        }.get(tone, (self.muted, self.sunken))


LIGHT = Colours(
    dark=False,
    ground="#f4f3ef",
    card="#ffffff",
    sunken="#f6f5f1",
    hover="#eeece6",
    line="#e5e3dc",
    line_strong="#cbc8be",
    ink="#1d2125",
    muted="#5d646c",
    faint="#b4b1a7",
    a="#2b6cb0",
    a_tint="#e3ecf6",
    b="#c05621",
    b_tint="#f9e8de",
    good="#24704a",
    good_tint="#e2f1e8",
    warn="#8a5300",
    warn_tint="#fbf0da",
    bad="#a52a2a",
    bad_tint="#fae6e4",
    on_ink="#ffffff",
    ring="#1d2125",
)

DARK = Colours(
    dark=True,
    ground="#191918",
    card="#232322",
    sunken="#2b2b29",
    hover="#343431",
    line="#383835",
    line_strong="#55544f",
    ink="#eeece6",
    muted="#aaa79e",
    faint="#6a6861",
    a="#7db4ee",
    a_tint="#20344a",
    b="#f29a68",
    b_tint="#47291a",
    good="#74c69d",
    good_tint="#1e3a2b",
    warn="#e6b450",
    warn_tint="#3d3016",
    bad="#f28b82",
    bad_tint="#46211f",
    on_ink="#191918",
    ring="#eeece6",
)


@dataclass(frozen=True, slots=True)
class TextSizes:
    """The four sizes of text, in points, grown from the system's own."""

    small: float
    body: float
    title: float
    display: float


def text_sizes(system_pt: float) -> TextSizes:
    body = max(system_pt, 9.0)
    return TextSizes(max(SMALLEST_PT, body * 0.88), body, body * 1.22, body * 1.6)


def colours() -> Colours:
    """The colours in use, read off the application's palette."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def qcolor(text: str, alpha: float = 1.0) -> QColor:
    colour = QColor(text)
    colour.setAlphaF(alpha)
    return colour
