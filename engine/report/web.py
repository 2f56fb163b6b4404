"""Lays out a composed report as one self-contained HTML page.

Everything that comes from outside is escaped; the page holds its style, drawings and pictures
itself, runs no script, and its content security policy forbids loading anything. Shows light
or dark as the reader's system does. Decides nothing about what may be shown and writes no file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template

from engine.report import drawings
from engine.report.data import (
    EvidenceItem,
    EvidenceRow,
    FindingData,
    ModelData,
    ReportData,
    Row,
    SetData,
)


def render(data: ReportData) -> bytes:
    """The page as UTF-8; the same data give the same bytes."""
    page = files("engine.report").joinpath("report.html").read_text(encoding="utf-8")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    sections = (
        _verdict(data),
        _table(data),
        _findings(data),
        _compared(data),
        _method(data),
        _settings(data),
    )
    return (
        Template(page)
        .substitute(
            language=escape(data["language"]),
            title=escape(data["title"]),
            style_hash=f"sha256-{digest}",
            body="\n".join(section for section in sections if section),
        )
        .encode("utf-8", "backslashreplace")
    )


def _text(text: str) -> str:
    """Text from outside: escaped, and set apart so that its direction stays its own."""
    return f"<bdi>{escape(text)}</bdi>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)


def _badge(side: str) -> str:
    return f'<span class="badge badge-{side}">{side}</span>'


def _verdict(data: ReportData) -> str:
    remarks = (
        f'<div class="remark warns">{_paragraphs(data["remarks"])}</div>' if data["remarks"] else ""
    )
    return (
        f'<header><div class="head"><span>Twofold · comparison of two sets of images</span>'
        f'<time datetime="{escape(data["date"])}">{escape(data["date_words"])}</time></div>'
        f"<h1>{escape(data['headline'])}</h1>{_paragraphs([data['subline'], data['overall']])}"
        f'<div class="sets">{_set(data["a"])}{_set(data["b"])}</div>{remarks}</header>'
    )


def _set(s: SetData) -> str:
    return (
        f'<div class="set set-{s["side"]}">{_badge(s["side"])}<div>'
        f'<p class="name text-{s["side"]}">{_text(s["label"])}</p><p>{escape(s["compared"])}</p>'
        f'<p class="small">{escape(s["summary"])}</p></div></div>'
    )


def _table(data: ReportData) -> str:
    if not data["table"]:
        return f'<p class="small">{escape(data["untold"])}</p>' if data["untold"] else ""
    rows = "".join(_table_row(f, linked=bool(data["findings"])) for f in data["table"])
    grey = (
        " Lines in grey do not hold up." if not all(f["significant"] for f in data["table"]) else ""
    )
    return (
        f'<section><h2>{escape(data["table_title"])}</h2><div class="card"><div class="wide">'
        '<table><thead><tr><th scope="col" class="number">#</th><th scope="col">of</th>'
        '<th scope="col" class="what">more true of the set named</th>'
        f'<th scope="col">tells A from B (AUROC){drawings.scale(data["scale"])}</th>'
        '<th scope="col" class="number">in A</th><th scope="col" class="number">in B</th>'
        f'<th scope="col" class="number">q</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f'<p class="small">{escape(data["how_to_read"])}{grey}</p>'
        f'<p class="small">{escape(data["untold"])}</p></div></section>'
    )


def _table_row(f: FindingData, *, linked: bool) -> str:
    name = _text(f["description"])
    if linked:
        name = f'<a href="#finding-{f["number"]}">{name}</a>'
    warns = ' · <span class="warns">may be explained otherwise</span>' if f["warns"] else ""
    return (
        f'<tr><td class="number dim">{f["number"]}</td><td>{_badge(f["side"])}</td>'
        f'<th scope="row"{"" if f["significant"] else " class=dim"}>{name}'
        f'<div class="small">{escape(f["origin"])}{warns}</div></th>'
        f"<td>{drawings.mark(f['mark'], f['side'])}"
        f'<span class="small">{escape(f["mark"]["text"])} {escape(f["mark"]["interval"])}</span>'
        f'</td><td class="number text-A">{escape(f["rate_a"])}</td>'
        f'<td class="number text-B">{escape(f["rate_b"])}</td>'
        f'<td class="number">{escape(f["q"])}</td></tr>'
    )


def _findings(data: ReportData) -> str:
    if not data["findings"]:
        return ""
    articles = "\n".join(_finding(f, data) for f in data["findings"])
    return f"<section><h2>One by one</h2>{articles}</section>"


def _finding(f: FindingData, data: ReportData) -> str:
    against = (
        f'<p class="against">against <em>{_text(f["opposite"])}</em></p>' if f["opposite"] else ""
    )
    holds = "" if f["significant"] else "does not hold up · "
    warns = " warns" if f["warns"] else ""
    said = _paragraphs([f["confound"]])
    remark = f'<div class="remark{warns}">{said}</div>' if f["confound"] else ""
    rows = "".join(_evidence(row, data) for row in f["evidence"])
    grey = "".join(f'<p class="dim">{escape(t)}</p>' for t in (f["where_from"], f["also"]) if t)
    return (
        f'<article class="card" id="finding-{f["number"]}"><div class="title">'
        f'<h3><span class="dim">{f["number"]}</span> {_text(f["description"])}</h3>'
        f'<span class="side">{holds}more true of {_badge(f["side"])}</span></div>{against}'
        f'<p class="statistics">{escape(f["statistics"])}</p>'
        f'<div class="pair"><div>{drawings.distribution(f)}</div>'
        f"<div>{_paragraphs([f['pairs'], f['rates']])}{grey}</div></div>{remark}{rows}</article>"
    )


def _evidence(row: EvidenceRow, data: ReportData) -> str:
    if not row["items"]:
        shown = f'<p class="small">{escape(row["empty"])}</p>'
    elif data["thumbnails"] == "none":
        shown = "".join(f'<p class="small">{_caption(item)}</p>' for item in row["items"])
    else:
        shown = f'<ul class="images">{"".join(_image(item, data) for item in row["items"])}</ul>'
    hint = f'<p class="hint">{escape(row["hint"])}</p>' if row["hint"] else ""
    return (
        f'<div class="row"><div><h4 class="text-{row["side"]}">{escape(row["title"])}</h4>{hint}'
        f"</div><div>{shown}</div></div>"
    )


def _image(item: EvidenceItem, data: ReportData) -> str:
    picture = data["pictures"].get(item["picture"])
    image = (
        f'<img src="{escape(picture["src"])}" width="{picture["width_px"]}" '
        f'height="{picture["height_px"]}" alt="{escape(picture["alt"])}" loading="lazy">'
        if picture
        else '<span class="blank">no picture</span>'
    )
    return f"<li><figure>{image}<figcaption>{_caption(item)}</figcaption></figure></li>"


def _caption(item: EvidenceItem) -> str:
    score = escape(item["score"])
    if not item["name"]:
        return score
    name = f"<bdi>{'/<wbr>'.join(map(escape, item['name'].split('/')))}</bdi>"
    return f"{score}{'<br>' if score else ''}{name}"


def _compared(data: ReportData) -> str:
    skipped = (
        "<h4>Could not be compared, by reason</h4>" + _rows(data["skipped"])
        if data["skipped"]
        else ""
    )
    listings = "".join(
        f"<h4>{escape(listing['title'])}</h4>"
        f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in listing['items'])}</ul>"
        + (f'<p class="small">{escape(listing["more"])}</p>' if listing["more"] else "")
        for listing in data["listings"]
    )
    return (
        f'<section><h2>What was compared</h2><div class="card">{_rows(data["compared"])}'
        f"<h4>In both sets</h4><p>{escape(data['shared'])}</p>{skipped}{listings}</div></section>"
    )


def _rows(rows: list[Row]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(row["title"])}</th>'
        f'<td class="number">{escape(row["a"])}</td><td class="number">{escape(row["b"])}</td></tr>'
        for row in rows
    )
    return (
        '<div class="wide"><table><thead><tr><td class="narrow"></td>'
        f'<th scope="col" class="number">{_badge("A")}</th>'
        f'<th scope="col" class="number">{_badge("B")}</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _method(data: ReportData) -> str:
    described = "".join(
        f"<dt>{escape(p['title'])}</dt><dd>{escape(p['text'])}</dd>" for p in data["method"]
    )
    limits = "".join(f"<li>{escape(line)}</li>" for line in data["limits"])
    return (
        f'<section><h2>How it was done</h2><div class="card"><dl>{described}</dl>'
        f"{_models(data['models'])}</div></section>"
        f"<section><h2>What this report cannot say</h2>"
        f'<div class="card"><ul>{limits}</ul></div></section>'
    )


def _models(models: list[ModelData]) -> str:
    if not models:
        return ""
    return (
        '<div class="wide"><table class="models"><thead><tr><th scope="col">model</th>'
        '<th scope="col">ran on</th><th scope="col">time</th>'
        '<th scope="col" class="number">most memory</th></tr></thead>'
        f"<tbody>{''.join(map(_model, models))}</tbody></table></div>"
    )


def _model(m: ModelData) -> str:
    def cell(first: str, second: str) -> str:
        return f'<td>{_text(first)}<div class="small">{_text(second)}</div></td>'

    remarks = "".join(f'<div class="small warns">{_text(remark)}</div>' for remark in m["remarks"])
    about = f"revision {m['revision']} · fingerprint {m['fingerprint']} · licence {m['licence']}"
    return (
        f'<tr><th scope="row"><strong>{_text(m["title"])}</strong>'
        f'<div class="small">{escape(m["did"])}</div><div class="small">{_text(about)}</div>'
        f"{remarks}</th>{cell(m['device'], m['precision'])}{cell(m['loaded'], m['worked'])}"
        f'<td class="number">{escape(m["memory"])}</td></tr>'
    )


def _settings(data: ReportData) -> str:
    body = "".join(
        f'<tr><th scope="row" class="dim">{_text(s["name"])}</th><td>{_text(s["value"])}</td></tr>'
        for s in data["settings"]
    )
    return (
        f'<section><h2>To repeat it</h2><div class="card">'
        f'<table class="facts"><tbody>{body}</tbody></table></div></section>'
    )
