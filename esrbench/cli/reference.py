"""The reference pages of the documentation, from the code alone: commands and their options,
protocols, flags, figures, policies and tracks, what a record holds.

``mkdocs.yml`` puts them into the site when it is built; nothing of them is written by hand, so
that they cannot go stale.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import typer

Command = Any
Parameter = Any
"""As click has them: typer brings a click of its own in some versions."""

PAGES: dict[str, Callable[[], str]] = {}
"""The text of each page by its file name."""


def _page(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    def register(make: Callable[[], str]) -> Callable[[], str]:
        PAGES[name] = make
        return make

    return register


@_page("commands.md")
def commands() -> str:
    """Every command with its arguments and options."""
    parts = ["# Commands", "`esrbench COMMAND --help` says the same in the terminal."]
    parts += [_command(words, command) for words, command in every_command()]
    return "\n\n".join(parts) + "\n"


def every_command() -> Iterator[tuple[tuple[str, ...], Command]]:
    """The words after ``esrbench`` and what they run, in the order of ``--help``."""
    from esrbench.cli.app import app

    yield from _below((), typer.main.get_command(app))


def _below(words: tuple[str, ...], command: Command) -> Iterator[tuple[tuple[str, ...], Command]]:
    inner: Mapping[str, Command] | None = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from _below((*words, name), one)


def _command(words: tuple[str, ...], command: Command) -> str:
    given = [p for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
    arguments = [p for p in given if p.param_type_name == "argument"]
    options = [p for p in given if p.param_type_name == "option"]
    usage = " ".join(["esrbench", *words, *(_metavar(p) for p in arguments), "[OPTIONS]"])
    example = (command.epilog or "").removeprefix("Example: ")
    lines = [
        f"## {' '.join(words)}", inspect.cleandoc(command.help or ""),
        f"```\n{usage}\n\n{example}\n```",
    ]  # fmt: skip
    if given:
        rows = [_row(p) for p in (*arguments, *options)]
        lines.append("\n".join(["| | what | default |", "|---|---|---|", *rows]))
    return "\n\n".join(lines)


def _metavar(parameter: Parameter) -> str:
    name = (parameter.name or "").upper()
    return f"{name}..." if parameter.nargs == -1 else name


def _row(parameter: Parameter) -> str:
    names = [*parameter.opts, *parameter.secondary_opts]
    shown = ", ".join(f"`{n}`" for n in names) if names and names[0][:1] == "-" else (
        f"`{_metavar(parameter)}`"
    )  # fmt: skip
    text = _cell(getattr(parameter, "help", None) or "")
    variable = getattr(parameter, "envvar", None)
    if variable:
        text += f" (or `{variable}`)"
    default = parameter.default
    plain = default is None or callable(default) or default is False or default == ()
    return f"| {shown} | {text} | {'' if plain else f'`{_cell(str(default))}`'} |"


@_page("protocols.md")
def protocols() -> str:
    """Every protocol that comes with esrbench, and what a protocol fixes."""
    from esrbench.policies import POLICIES
    from esrbench.protocol import schema
    from esrbench.protocol.load import load_protocol, names
    from esrbench.tracks import TRACKS

    rows = []
    for name in names():
        one = load_protocol(name)
        shapes = ", ".join(one.timing.shapes)
        rows.append(
            f"| `{name}` | {_cell(one.description)} | {', '.join(one.datasets)} | {shapes} | "
            f"`{one.timing.baseline or '-'}` |"
        )
    parts = [
        "# Protocols",
        "A protocol fixes data, metrics, counting input, timing and how rows are ranked. Name one "
        "with `--protocol`, or write your own as a YAML file with the keys below.",
        _table("protocol | what | sets | timed at | baseline", rows),
        "## Its keys",
        _fields(schema.Protocol),
        "## Its timing",
        _fields(schema.Timing),
        "## Policies: how a runtime is taken",
        _table("`--policy` | what", _meanings(POLICIES.values())),
        "## Tracks: how a network is run",
        _table("`--track` | what", _meanings(TRACKS.values())),
    ]
    return "\n\n".join(parts) + "\n"


def _meanings(rows: Iterable[Any]) -> list[str]:
    return [f"| `{row.name}` | {_cell(row.meaning)} |" for row in rows]


@_page("flags.md")
def flags() -> str:
    """Every flag a record can carry."""
    from esrbench.flags import FLAGS

    rows = [
        f"| `{f.key}` | {_cell(f.meaning)} | {_cell(f.found)} | {_cell(f.misses)} | "
        f"{'yes' if f.takes_out else ''} |"
        for f in FLAGS.values()
    ]
    return (
        "# Flags\n\nWhat a reader must know of a row. A flag that takes a row out of the ranking "
        "can be allowed with `--allow KEY`; the page then says so.\n\n"
        + _table("flag | means | found by | which cannot see | takes the row out", rows)
        + "\n"
    )


@_page("figures.md")
def figures() -> str:
    """Every metric and every cost."""
    from esrbench.quantities.costs import COSTS
    from esrbench.quantities.metrics import METRICS

    def row(one: Any) -> str:
        words = ", ".join(f"`{word}`" for word in one.nicknames)
        return (
            f"| `{one.key}` | {_cell(one.heading)} | {_cell(one.unit)} | {one.direction} | {words} "
            f"| {_cell(one.description)} |"
        )

    head = "key | heading | unit | better | also | what"
    return (
        "\n\n".join(
            [
                "# Figures",
                "Each figure of a record carries a signature under its key: how it came about, as "
                "in `PSNR|y|crop:4|u8|mean-image|v1`. Two rows share a ranking only where the "
                "signatures of all their figures agree, and the images' hashes.",
                "## Quality",
                _table(head, [row(one) for one in METRICS.values()]),
                "## Cost",
                _table(head, [row(one) for one in COSTS.values()]),
                "## Parts of a signature",
                _signatures(),
            ]
        )
        + "\n"
    )


def _signatures() -> str:
    from esrbench.protocol.load import load_protocol

    crop = load_protocol("quick").crop(4)
    rows = [
        "| `PSNR`, `SSIM`, `LPIPS`, `MACs`, `TIME` ... | the figure |",
        "| `y`, `rgb` | the colour it is measured on: Y is BT.601 in studio range |",
        f"| `crop:{crop}` | pixels cut off each side of SR and HR |",
        "| `u8` | SR clamped and rounded half up to 8 bits first |",
        "| `mean-image` | the mean of the images' values, not of their errors |",
        "| `1x3x256x256` | the input that was counted |",
        "| `shape:256x256` | the LR size that was timed |",
        "| `v1` | the version of the recipe: raised when the same input would give another value |",
    ]
    return _table("part | means", rows)


@_page("record.md")
def record() -> str:
    """Every field of a record's JSON."""
    from esrbench.results import counted, entered, scored, timed
    from esrbench.results.record import RunRecord

    parts = [
        "# Record",
        "One JSON document a run, sealed by a hash over its content. Figures are unrounded; what "
        "is missing is `null`, with the reason under `missing`.",
        _fields(RunRecord),
    ]
    for room in (entered, scored, counted, timed):
        for name, value in vars(room).items():
            if inspect.isclass(value) and value.__module__ == room.__name__:
                parts += [f"## {name}", inspect.cleandoc(value.__doc__ or ""), _fields(value)]
    return "\n\n".join(parts) + "\n"


def _fields(model: type[Any]) -> str:
    """The fields of a class: name, type, and the text under each in the source."""
    rows = [
        f"| `{name}` | `{_cell(kind)}` | {_cell(text)} |" for name, kind, text in _annotated(model)
    ]
    return _table("field | type | what", rows)


def _annotated(model: type[Any]) -> Iterator[tuple[str, str, str]]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    for i, node in enumerate(tree.body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        if node.target.id.startswith("_") or node.target.id == "model_config":
            continue
        after = tree.body[i + 1] if i + 1 < len(tree.body) else None
        said = after.value if isinstance(after, ast.Expr) else None
        text = said.value if isinstance(said, ast.Constant) else ""
        yield node.target.id, ast.unparse(node.annotation), inspect.cleandoc(str(text))


def _table(head: str, rows: list[str]) -> str:
    names = f"| {head} |"
    return "\n".join([names, "|" + "---|" * (head.count("|") + 1), *rows])


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
