"""Descriptions and keywords from an XMP packet (ISO 16684-1). Resolves no entity, fetches nothing.

A packet with a document type declaration is refused whole: XMP has none, attacks do.
"""

from __future__ import annotations

from xml.parsers import expat

from engine.images.texts import clean_text, is_boilerplate

MAX_PACKET_BYTES = 1024**2
MAX_DEPTH = 64  # of elements
MAX_KEYWORDS = 200

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_DC = "http://purl.org/dc/elements/1.1/ "
_HEADLINE = "http://ns.adobe.com/photoshop/1.0/ Headline"
_ALT_TEXT = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/ AltTextAccessibility"
_SUBJECT = _DC + "subject"
_DESCRIPTIONS = (_DC + "description", _HEADLINE, _ALT_TEXT)
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"


class _Refused(Exception):
    """The packet is not one a program would write."""


def words(packet: bytes) -> tuple[list[str], list[str]]:
    """Descriptions and keywords of an XMP packet; empty where it cannot be read."""
    packet = packet.strip(b"\0 \r\n\t")
    if not packet or len(packet) > MAX_PACKET_BYTES:
        return [], []
    reader = _Reader()
    try:
        reader.read(packet)
    except (expat.ExpatError, _Refused, ValueError, LookupError):
        return [], []
    descriptions = [clean_text(text) for text in reader.descriptions.values()]
    keywords = [clean_text(text) for text in reader.keywords[:MAX_KEYWORDS]]
    return (
        [text for text in descriptions if text and not is_boilerplate(text)],
        [word for word in keywords if word],
    )


class _Reader:
    """Collects the text of the few properties that hold words."""

    def __init__(self) -> None:
        self.descriptions: dict[str, str] = {}  # property -> text in the default language
        self.keywords: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self._is_default = False

    def read(self, packet: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.Parse(packet, True)

    def _refuse(self, *_: object) -> int:
        raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _Refused
        self._open.append(name)
        self._text.clear()
        self._is_default = attributes.get(_LANGUAGE) == "x-default"
        if _HEADLINE in attributes:  # simple properties may be written as attributes
            self.descriptions.setdefault(_HEADLINE, attributes[_HEADLINE])

    def _end(self, name: str) -> None:
        self._open.pop()
        text = "".join(self._text).strip()
        self._text.clear()
        if not text:
            return
        # the property is the element itself, or what holds the list the element is an item of
        owner = name
        if name == _RDF + "li" and len(self._open) >= 2:
            owner = self._open[-2]
        if owner == _SUBJECT:
            self.keywords.append(text)
        elif owner in _DESCRIPTIONS and (self._is_default or owner not in self.descriptions):
            self.descriptions[owner] = text
