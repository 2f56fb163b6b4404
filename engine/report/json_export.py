"""A comparison as JSON: the user's own data, complete, in a documented and versioned shape.

`comparison.schema.json` beside this module describes it. Unlike a report it holds full paths of
the files that could not be compared. Numbers are never NaN or infinite: they become null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from engine.errors import NOTES
from engine.report.names import encodable
from engine.report.wording import verdict_headline, verdict_subline
from engine.vocabulary import Comparison, EvidenceImage, Finding, ImageSet, ModelUse

SCHEMA = "twofold.comparison/1"


def render(comparison: Comparison, findings: Sequence[Finding]) -> bytes:
    """The comparison with these of its findings as UTF-8 JSON, keys in a fixed order."""
    data = _clean(_comparison(comparison, findings))
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8") + b"\n"


def _comparison(comparison: Comparison, findings: Sequence[Finding]) -> dict[str, Any]:
    v, used = comparison.verdict, comparison.settings
    return {
        "schema": SCHEMA,
        "id": comparison.id,
        "created": comparison.created,
        "sets": {"A": _set(comparison.a), "B": _set(comparison.b)},
        "shared": [
            {"name_a": s.name_a, "name_b": s.name_b, "exact": s.exact} for s in comparison.shared
        ],
        "verdict": {
            "outcome": str(v.outcome),
            "headline": verdict_headline(comparison),
            "subline": verdict_subline(comparison),
            "auroc": v.auroc,
            "p": v.p,
            "permutations": v.permutations,
            "significant_a": v.significant_a,
            "significant_b": v.significant_b,
            "tested": v.tested,
            "alpha": v.alpha,
            "split": v.split,
        },
        "notes": [{"code": code, "text": NOTES.get(code, "")} for code in comparison.notes],
        "findings": [_finding(finding) for finding in findings],
        "settings": {
            "recipe": used.recipe,
            "seed": used.seed,
            "alpha": used.alpha,
            "options": used.options,
            "versions": used.versions,
            "network_lock": list(used.network_lock),
            "models": [_model(use) for use in used.models],
        },
        "stages": [
            {"name": s.name, "seconds": s.seconds, "done": s.done, "reused": s.reused}
            for s in comparison.stages
        ],
    }


def _set(image_set: ImageSet) -> dict[str, Any]:
    return {
        "label": image_set.label,
        "compared": image_set.compared,
        "copies": image_set.copies,
        "other_files": image_set.other_files,
        "with_text": image_set.with_text,
        "size_bytes": image_set.size_bytes,
        "formats": image_set.formats,
        "skipped": [
            {"path": s.path, "name": s.name, "code": s.code, "reason": s.reason}
            for s in image_set.skipped
        ],
    }


def _model(use: ModelUse) -> dict[str, Any]:
    return {
        "name": use.name,
        "title": use.title,
        "role": use.role,
        "revision": use.revision,
        "fingerprint": use.fingerprint,
        "licence": use.licence,
        "device": use.device,
        "precision": use.precision,
        "load_s": use.load_s,
        "used_s": use.used_s,
        "peak_bytes": use.peak_bytes,
        "remarks": list(use.remarks),
    }


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "id": f.id,
        "description": f.description,
        "opposite": f.opposite,
        "side": str(f.side),
        "significant": f.significant,
        "auroc": f.auroc,
        "auroc_low": f.auroc_low,
        "auroc_high": f.auroc_high,
        "p": f.p,
        "q": f.q,
        "p_welch": f.p_welch,
        "test": f.test,
        "effect_size": f.effect_size,
        "rate_a": f.rate_a,
        "rate_b": f.rate_b,
        "threshold": f.threshold,
        "mean_a": f.mean_a,
        "mean_b": f.mean_b,
        "unit": f.unit,
        "kind": f.kind,
        "n_a": f.n_a,
        "n_b": f.n_b,
        "held_out": f.held_out,
        "auroc_discover": f.auroc_discover,
        "origin": f.origin.proposer,
        "origin_detail": f.origin.detail,
        "origin_round": f.origin.round,
        "also": list(f.also),
        "confounds": [
            {
                "measurement": c.measurement,
                "title": c.title,
                "auroc": c.auroc,
                "adjusted_auroc": c.adjusted_auroc,
                "explains": c.explains,
            }
            for c in f.confounds
        ],
        "histogram": {
            "edges": list(f.histogram.edges),
            "a": list(f.histogram.a),
            "b": list(f.histogram.b),
            "unit": f.histogram.unit,
        },
        "evidence": {
            "a_most": _images(f.evidence.a_most),
            "a_least": _images(f.evidence.a_least),
            "b_most": _images(f.evidence.b_most),
            "b_least": _images(f.evidence.b_least),
        },
    }


def _images(images: tuple[EvidenceImage, ...]) -> list[dict[str, Any]]:
    return [{"content_id": i.content_id, "name": i.name, "score": i.score} for i in images]


def _clean(value: Any) -> Any:
    """Text that UTF-8 can hold and numbers that JSON can hold."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {encodable(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value
