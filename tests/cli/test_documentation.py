"""The documentation: every command in it is one that this esrbench takes, and the site builds."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esrbench.cli import _arguments
from esrbench.cli.examples import EXAMPLES
from esrbench.cli.reference import PAGES, every_command

ROOT = Path(__file__).resolve().parents[2]
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```(?!pycon|python|yaml)\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ENDS = {"|", "&&", ";", ">", "2>", "||", ")"}


def shown() -> list[tuple[str, str]]:
    """Each command line of every page, with the page's name."""
    found = []
    for page in PAPERS:
        for block in _FENCE.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                text = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
                if text.startswith("esrbench "):
                    found.append((page.name, text))
    return found


def words_of(line: str) -> list[str]:
    words = shlex.split(line, comments=True)[1:]
    end = next((i for i, word in enumerate(words) if word in _ENDS), len(words))
    return _arguments(words[:end])


@pytest.mark.parametrize(("page", "line"), shown())
def test_every_command_is_one_that_is_taken(page: str, line: str) -> None:
    """Its words are parsed as the command line parses them; nothing is run."""
    commands: dict[tuple[str, ...], Any] = dict(every_command())
    words = words_of(line)
    if words and words[0].startswith("--"):
        return  # esrbench --version, --install-completion
    name = next(n for n in (tuple(words[:2]), tuple(words[:1])) if n in commands)
    commands[name].make_context(" ".join(name), words[len(name) :])


@pytest.mark.parametrize("command", [" ".join(words) for words, _ in every_command()])
def test_every_command_has_an_example_that_it_takes(command: str) -> None:
    """It is what --help ends with, and its words are parsed; nothing is run."""
    one: Any = dict(every_command())[tuple(command.split())]
    line = EXAMPLES[command]
    assert one.epilog == f"Example: {line}"
    words = words_of(line)
    assert words[: len(command.split())] == command.split()
    one.make_context(command, words[len(command.split()) :])


def test_the_reference_has_every_command_flag_and_field() -> None:
    from esrbench.flags import FLAGS
    from esrbench.results.record import RunRecord

    text = PAGES["commands.md"]()
    for words, command in every_command():
        assert f"## {' '.join(words)}\n" in text
        assert command.help, words
    assert "| `--references`, `--no-references` |" in text
    flags, record = PAGES["flags.md"](), PAGES["record.md"]()
    assert all(f"| `{key}` |" in flags for key in FLAGS)
    assert all(f"| `{name}` |" in record for name in RunRecord.model_fields)
    for page in ("protocols.md", "figures.md"):
        assert PAGES[page]().count("\n|") > 10


def test_the_readme_fits_two_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.slow
def test_the_site_builds_and_a_broken_link_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the extra `docs` is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "reference" / "commands" / "index.html").is_file()
