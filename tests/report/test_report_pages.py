"""The PDF and the HTML page: readable, searchable, accessible, private, repeatable."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject

from engine.protocol import ReportOptions
from engine.report import pdf, web
from engine.report.compose import compose
from engine.vocabulary import Comparison, Finding, Outcome, Verdict
from tests.fakes.sample_comparison import (
    identical_comparison,
    no_difference_comparison,
    sample_comparison,
    too_few_comparison,
)
from tests.report.conftest import SECRET_USER

HOSTILE = (
    '#text(red)[*bold*] $x^2$ @ref <label> `raw` //c "q" \\',
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "evil\u202egnp.exe \x00\x07 two\nlines",
    "x" * 5000,
    "=cmd|' /C calc'!A0",
    "a man in a long grey coat walking beside a river under a bridge " * 4,
    "שלום עולם",
    "a" + "\u0301" * 60,
)


def unnamed_comparison() -> Comparison:
    verdict = Verdict(Outcome.DIFFER_UNNAMED, 0.71, 0.002, 999, 0, 0, 37, 0.05, split=True)
    return replace(sample_comparison(0), verdict=verdict)


OUTCOMES: list[tuple[Callable[[], Comparison], str]] = [
    (sample_comparison, "The two sets differ. 11 differences hold up."),
    (unnamed_comparison, "The two sets differ as a whole, though no single difference holds up."),
    (no_difference_comparison, "No difference found."),
    (identical_comparison, "The two folders hold the same images."),
    (too_few_comparison, "Too few images to tell."),
]


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    joined = " ".join(page.extract_text() for page in pages)
    return re.sub(r"\s+", " ", joined.replace("\u200b", ""))


def catalog(content: bytes) -> Any:
    """The root object of a PDF."""
    return PdfReader(io.BytesIO(content)).trailer["/Root"]


def everything_in(content: bytes) -> bytes:
    """The bytes of a PDF with all of its streams unpacked."""
    reader = PdfReader(io.BytesIO(content))
    parts = [content]
    size: Any = reader.trailer["/Size"]
    for number in range(1, size):
        found = reader.get_object(number)
        parts.append(repr(found).encode("utf-8", "backslashreplace"))
        if isinstance(found, StreamObject):
            parts.append(found.get_data())
    return b"\n".join(parts)


def hostile(comparison: Comparison) -> Comparison:
    def spoilt(finding: Finding, text: str) -> Finding:
        evidence = tuple(replace(i, name=text) for i in finding.evidence.a_most)
        return replace(
            finding,
            description=text,
            opposite=text,
            also=(text,),
            unit=text,
            evidence=replace(finding.evidence, a_most=evidence),
        )

    pairs = zip(comparison.findings, HOSTILE, strict=False)
    return replace(
        comparison,
        a=replace(comparison.a, label=HOSTILE[1], formats={HOSTILE[0]: 1}),
        b=replace(comparison.b, label=HOSTILE[2]),
        findings=tuple(spoilt(f, text) for f, text in pairs),
    )


# --- PDF --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "headline"), OUTCOMES)
def test_pdf_opens_with_the_verdict(make: Callable[[], Comparison], headline: str) -> None:
    content = pdf.render(compose(make(), ReportOptions(), {}))
    first = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert headline in re.sub(r"\s+", " ", first)
    assert "What was compared" in text_of(content)
    assert "Signature" in text_of(content)


@pytest.fixture(scope="module")
def report(sample: Comparison, thumbnails: dict[str, Path]) -> bytes:
    return pdf.render(compose(sample, ReportOptions(), thumbnails))


def test_pdf_text_can_be_found(report: bytes, sample: Comparison) -> None:
    text = text_of(report)
    for finding in sample.findings:
        assert (finding.description in text) == finding.significant
    assert "AUROC 0.88 [0.85, 0.91]" in text
    assert "AUROC falls from 0.73 to 0.58" in text
    assert "Page 1 of" in text


def test_pdf_is_tagged_and_accessible(report: bytes) -> None:
    reader = PdfReader(io.BytesIO(report))
    root = catalog(report)
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].lower() == "en-gb"
    assert reader.metadata is not None
    assert reader.metadata.title == "mountains 2019 compared with mountains 2024"
    assert b"pdfuaid:part" in everything_in(report)
    alts = set(re.findall(rb"'/Alt': '([^']+)'", everything_in(report)))
    assert {b"Image of A", b"Image of B"} <= alts
    assert any(b"Distribution of the scores" in alt for alt in alts)


def test_pdf_holds_no_path_no_user_and_no_position(report: bytes) -> None:
    content = everything_in(report)
    for secret in (SECRET_USER, "/home/", "Exif", "ridge_0", "notes.jpg", "GPS"):
        assert secret.encode() not in content
    reader = PdfReader(io.BytesIO(report))
    assert reader.metadata is not None
    assert reader.metadata.author is None
    assert str(Path.cwd()).encode() not in content


def test_pdf_is_the_same_twice_and_dated_as_asked(
    report: bytes, sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    again = pdf.render(compose(sample, ReportOptions(), thumbnails))
    assert again == report
    dated = pdf.render(compose(sample, ReportOptions(date="2027-01-02"), thumbnails))
    metadata = PdfReader(io.BytesIO(dated)).metadata
    assert metadata is not None
    assert str(metadata.creation_date).startswith("2027-01-02")
    assert "2 January 2027" in text_of(dated)


def images_in(content: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(io.BytesIO(content)).pages)


def test_pdf_shows_pictures_only_when_wanted(
    report: bytes, sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    plain = pdf.render(compose(sample, ReportOptions(thumbnails="none"), thumbnails))
    assert images_in(plain) == 0
    assert b"DCTDecode" not in plain
    assert images_in(report) > 100


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_pdf_paper(paper: str, size: tuple[int, int]) -> None:
    content = pdf.render(compose(too_few_comparison(), ReportOptions(paper=paper), {}))
    box = PdfReader(io.BytesIO(content)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_pdf_treats_hostile_text_as_text(sample: Comparison) -> None:
    options = ReportOptions(thumbnails="none", file_names=True)
    text = text_of(pdf.render(compose(hostile(sample), options, {}))).replace(" ", "")
    for shown in (
        '#text(red)[*bold*]$x^2$@ref<label>`raw`//c"q"\\',
        "<script>alert(1)</script>",
        "evil\\u202egnp.exe\\x00\\x07two\\nlines",
        "xxxxxxxx…",
        "=cmd|'/Ccalc'!A0",
    ):
        assert shown in text


@pytest.mark.parametrize("text", ["雪の積もった山の稜線", "جبال في المساء", "शाम 😀", "\U000f0000"])
def test_pdf_in_any_script_can_be_made_and_searched(sample: Comparison, text: str) -> None:
    finding = replace(sample.findings[0], description=f"before {text} after")
    options = ReportOptions(thumbnails="none")
    content = pdf.render(compose(replace(sample, findings=(finding,)), options, {}))
    assert re.search("before.*after", text_of(content))
    assert catalog(content)["/MarkInfo"]["/Marked"]


def test_pdf_of_four_hundred_findings_lists_every_one() -> None:
    c = sample_comparison(400, images=60)
    options = ReportOptions(thumbnails="none", findings=tuple(f.id for f in c.findings))
    reader = PdfReader(io.BytesIO(pdf.render(compose(c, options, {}))))

    def flat(items: list[object]) -> list[str]:
        return [t for i in items for t in (flat(i) if isinstance(i, list) else [i.title])]  # type: ignore[attr-defined]

    titles = flat(list(reader.outline))
    assert {f.description for f in c.findings} <= set(titles)


# --- HTML -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects the text, the tags and the attributes of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(content.decode("utf-8"))
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("make", "headline"), OUTCOMES)
def test_html_opens_with_the_verdict(make: Callable[[], Comparison], headline: str) -> None:
    page = Page(web.render(compose(make(), ReportOptions(), {})))
    assert headline in page.text
    assert "What was compared" in page.text
    assert page.tags.count("h1") == 1


@pytest.fixture(scope="module")
def html(sample: Comparison, thumbnails: dict[str, Path]) -> bytes:
    return web.render(compose(sample, ReportOptions(), thumbnails))


def test_html_is_one_file_that_loads_and_runs_nothing(html: bytes) -> None:
    page = Page(html)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert "style" not in names
    for name, value in page.attributes:
        if name in ("src", "href", "action", "data", "srcset", "poster", "xlink:href"):
            assert value.startswith(("data:image/jpeg;base64,", "#"))
    assert b"http:" not in html
    assert b"https:" not in html


def test_html_policy_allows_its_own_style_and_nothing_else(html: bytes) -> None:
    text = html.decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert "prefers-color-scheme: dark" in style[1]


def test_html_can_be_read_aloud(html: bytes) -> None:
    text = html.decode()
    images = re.findall(r"<img [^>]*>", text)
    assert len(images) > 100
    assert all(re.search(r'alt="Image of [AB]"', image) for image in images)
    assert '<html lang="en-GB">' in text
    assert 'role="img" aria-label="Distribution of the scores.' in text
    assert 'scope="row"' in text


def test_html_tags_are_closed(html: bytes) -> None:
    class Balance(HTMLParser):
        open: list[str] = []  # noqa: RUF012 - one page a parser

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "img", "br", "wbr"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            pass

    parser = Balance()
    parser.feed(html.decode())
    assert parser.open == []


def test_html_holds_no_path_no_user_and_no_metadata(html: bytes) -> None:
    pictures = b"".join(map(base64.b64decode, re.findall(rb"base64,([^\"]+)", html)))
    for secret in (SECRET_USER, "/home/", "Exif", "ridge_0", "notes.jpg"):
        assert secret.encode() not in html + pictures


def test_html_treats_hostile_text_as_text(sample: Comparison, thumbnails: dict[str, Path]) -> None:
    options = ReportOptions(file_names=True)
    page = Page(web.render(compose(hostile(sample), options, thumbnails)))
    assert "script" not in page.tags
    assert not any(name == "onerror" for name, _ in page.attributes)
    assert "<script>alert(1)</script><img src=x onerror=alert(1)>" in page.text
    assert "evil\\u202egnp.exe \\x00\\x07 two\\nlines" in page.text
    assert "x" * 400 not in page.text


def test_html_is_the_same_twice_and_without_pictures_when_asked(
    html: bytes, sample: Comparison, thumbnails: dict[str, Path]
) -> None:
    assert web.render(compose(sample, ReportOptions(), thumbnails)) == html
    assert b"<img" not in web.render(compose(sample, ReportOptions(thumbnails="none"), thumbnails))
