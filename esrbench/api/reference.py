"""``python -m esrbench.api.reference > docs/api.md``: the reference, from the docstrings alone."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

import esrbench

_INTRODUCTION = """\
# Python

Made by `make docs` from the docstrings; a test holds it to them.

`import esrbench` is cheap: torch is imported when something that needs it is called. Datasets are
found below `ESRBENCH_DATA_ROOT`, checkpoints in `ESRBENCH_WEIGHTS_DIR`, as on the command line.
Whatever a person can cure is raised as an `EsrbenchError` that says what is wrong, with what, and
what to do; it has three kinds: `UsageError`, `SubmissionError`, `UnavailableError`
(`esrbench.errors`). `examples/notebook.py` goes through all of it.
"""
_SECTION = re.compile(r"^(Args|Returns|Raises|Example):\n((?:    .*\n|\n)*)", re.MULTILINE)
_WIDTH = 90
_ITEM = re.compile(r"^(\w+): ")


def document() -> str:
    """The whole page, Markdown."""
    parts = [_INTRODUCTION]
    for name in sorted(esrbench.__all__, key=str.lower):
        value = getattr(esrbench, name)
        parts.append(_function(name, value) if inspect.isroutine(value) else _other(name, value))
    return "\n".join(parts)


def _function(name: str, function: Any) -> str:
    body = _plain(inspect.cleandoc(function.__doc__ or "") + "\n")
    text = _SECTION.sub(_as_markdown, body).strip()
    return f"## {name}\n\n```python\n{_call(name, function)}\n```\n\n{text}\n"


def _call(name: str, function: Any) -> str:
    """The signature as it is written in the source."""
    signature = inspect.signature(function)
    arguments = []
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        default = "" if one.default is one.empty else f" = {one.default!r}"
        arguments.append(f"{one.name}: {one.annotation}{default}")
    line = f"esrbench.{name}({', '.join(arguments)}) -> {signature.return_annotation}"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"esrbench.{name}(\n{inner}) -> {signature.return_annotation}"


def _plain(text: str) -> str:
    """Sphinx's roles and double ticks as Markdown has them."""
    return (
        re.sub(r":\w+:(`[^`]+`)", r"\1", text).replace("``", "`").replace("  # doctest: +SKIP", "")
    )


def _as_markdown(section: re.Match[str]) -> str:
    title, body = section.group(1), textwrap.dedent(section.group(2)).strip("\n")
    if title == "Example":
        return f"```pycon\n{body}\n```\n"
    if title in ("Args", "Raises"):
        items = [f"- **{line}" if _ITEM.match(line) else f"  {line}" for line in body.split("\n")]
        body = re.sub(r"^- \*\*(\w+):", r"- **\1**:", "\n".join(items), flags=re.MULTILINE)
        body = re.sub(r"^ {6}", "  ", body, flags=re.MULTILINE)
    return f"**{title}**\n\n{body}\n\n"


def _other(name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f"## {name}\n\n{_plain(inspect.cleandoc(value.__doc__ or ''))}\n"
    rows = "\n".join(
        f"| `{row.key}` | {row.description} | {'higher' if row.higher_is_better else 'lower'} |"
        for row in value.values()
    )
    return (
        f"## {name}\n\nEvery metric by its key.\n\n| key | what | better |\n|---|---|---|\n{rows}\n"
    )


if __name__ == "__main__":
    print(document(), end="")
