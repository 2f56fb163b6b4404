"""A model's own chat template, filled in by a process of its own with nothing in its reach.

The template comes in the model's file from a stranger and is a program in Jinja. It runs in
Jinja's sandbox, in a child process under limits of time and memory, and never sees a word of the
conversation: it is handed placeholders. Run as a module it is that child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import engine
from engine.job import JobControl

MAX_TEMPLATE = 128 * 1024  # characters; the longest known ones have about 20,000
MAX_RENDERED = 32 * 1024  # characters; a template adds a few hundred around the placeholders
TIMEOUT_S = 15.0  # of the child, with its start on a slow machine; filling in takes milliseconds
CPU_S = 3
MEMORY_BYTES = 1 << 30
A_DAY = "01 Jan 2025"  # for templates that state the date: the same answer on every day

_MODULE = "engine.runtimes.chat_template"

Message = Mapping[str, Any]


def render(
    template: str,
    conversations: Sequence[Sequence[Message]],
    marks: Mapping[str, str],
    job: JobControl,
) -> list[str | None]:
    """The template filled in for each conversation; None where that failed.

    marks: bos_token and eos_token as text. Raises Cancelled.
    """
    nothing: list[str | None] = [None] * len(conversations)
    if len(template) > MAX_TEMPLATE:
        return nothing
    question = json.dumps(
        {"template": template, "conversations": conversations, "marks": marks}
    ).encode()
    try:
        child = _spawn()
    except OSError:
        return nothing
    try:
        answer = _converse(child, question, job)
        texts = json.loads(answer)
    except (ValueError, OSError):
        return nothing
    finally:
        child.kill()
        child.communicate()
    if not isinstance(texts, list) or len(texts) != len(conversations):
        return nothing
    return [text if isinstance(text, str) and len(text) <= MAX_RENDERED else None for text in texts]


def _converse(child: subprocess.Popen[bytes], question: bytes, job: JobControl) -> bytes:
    """What the child wrote; b"" when it took too long."""
    step_s = 0.2  # so that a wish to stop is heard
    pending: bytes | None = question
    for _ in range(int(TIMEOUT_S / step_s)):
        job.check_cancelled()
        try:
            return child.communicate(pending, timeout=step_s)[0]
        except subprocess.TimeoutExpired:
            pending = None  # communicate goes on where it was
    return b""


def _spawn() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", _MODULE]
    environment = dict(os.environ)
    if getattr(sys, "frozen", False):
        command = [sys.executable, "--chat-template"]
    else:
        known = environment.get("PYTHONPATH")
        own = str(Path(engine.__file__).parents[1])
        environment["PYTHONPATH"] = os.pathsep.join([own, known] if known else [own])
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def main() -> None:
    """The child: one question on stdin, one answer on stdout."""
    _limit_itself()
    question = json.load(sys.stdin.buffer)
    answers = [
        _filled(question["template"], messages, question["marks"])
        for messages in question["conversations"]
    ]
    json.dump(answers, sys.stdout)


def _limit_itself() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system has these limits
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _filled(template: str, messages: list[dict[str, Any]], marks: dict[str, str]) -> str | None:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(reason: str) -> None:
        raise ValueError(reason)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"],
    )
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    try:
        text = environment.from_string(template).render(
            messages=messages,
            add_generation_prompt=True,
            enable_thinking=False,
            tools=None,
            documents=None,
            raise_exception=refuse,
            strftime_now=lambda _format: A_DAY,
            **marks,
        )
    except Exception:  # noqa: BLE001 - a stranger's program may fail in any way
        return None
    return text if len(text) <= MAX_RENDERED else None


if __name__ == "__main__":
    main()
