"""``python -m tests.cuda_fake.driven``: what only a GPU reaches, and which test drives it.

Prints docs/cuda.md's table. Lines that only a GPU reaches are those of the functions of
:data:`WHOLE`, and of every branch that asks for a CUDA device; they are found in the source, and
their coverage is measured while the tests of :data:`TESTS` run against the fake.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import esrbench

PACKAGE = Path(esrbench.__file__).parent
WHOLE = {
    "timing/clock.py": ("CudaClock.",),
    "timing/graph.py": ("",),
    "timing/nvml.py": ("",),
    "timing/throttle.py": ("",),
    "timing/doctor_gpu.py": ("",),
    "timing/environment.py": ("_gpu", "_answer"),
    "counting/memory.py": ("cuda_peak",),
    "runner/ceilings.py": ("_tf32",),
    "judge/child.py": ("device_inside", "_one_gpu"),
    "sandbox/bubblewrap.py": ("_gpu",),
    "submission/formats/onnx_session.py": ("_memory",),
}
"""Functions whose names begin so; an empty beginning takes the whole file."""
TESTS = (
    "tests/cuda_fake", "tests/timing/test_gpu.py", "tests/timing/test_graph.py",
    "tests/timing/test_cuda_clock.py", "tests/runner/test_on_cuda.py",
    "tests/counting/test_memory.py", "tests/timing/test_device_lock.py",
    "tests/formats/test_as_if_cuda.py",
)  # fmt: skip
_FOR_CUDA = re.compile(r"""["']cuda["']|policy\]?\.replayed\b|!= ["']cpu["']""")
_FOR_CPU = re.compile(r"""== ["']cpu["']""")


@dataclass(frozen=True)
class Reach:
    """Lines of one function that only a GPU reaches."""

    file: str
    function: str
    lines: frozenset[int]


def reaches(path: Path) -> Iterator[Reach]:
    """Of one file: its functions with such lines."""
    file = str(path.relative_to(PACKAGE))
    beginnings = WHOLE.get(file, ())
    for name, node in _functions(ast.parse(path.read_text()), ""):
        whole = any(name.startswith(beginning) for beginning in beginnings)
        lines = _lines(node.body) if whole else set(_branches(node.body))
        if lines:
            yield Reach(file, name, frozenset(lines))


def _functions(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{owner}{child.name}.")
        elif isinstance(child, ast.FunctionDef):
            yield f"{owner}{child.name}", child


def _branches(body: list[ast.stmt]) -> Iterator[int]:
    for number, statement in enumerate(body):
        if isinstance(statement, ast.If):
            test = ast.unparse(statement.test)
            if _FOR_CUDA.search(test) and "not " not in test:
                yield from _lines(statement.body)
                continue
            if _FOR_CPU.search(test):
                yield from _lines(statement.orelse)
                if isinstance(statement.body[-1], ast.Return | ast.Continue):
                    yield from _lines(body[number + 1 :])
                    return
        for block in ("body", "orelse", "finalbody"):
            yield from _branches(getattr(statement, block, []))


def _lines(body: list[ast.stmt]) -> set[int]:
    return {line for statement in body
            for line in range(statement.lineno, (statement.end_lineno or 0) + 1)}  # fmt: skip


def main() -> int:
    import coverage
    import pytest

    found = [reach for path in sorted(PACKAGE.rglob("*.py")) for reach in reaches(path)]
    files = sorted({str(PACKAGE / reach.file) for reach in found})
    measured = coverage.Coverage(include=files, data_file=None)

    class Contexts:
        def pytest_runtest_call(self, item: pytest.Item) -> None:
            measured.switch_context(item.nodeid.partition("[")[0].removeprefix("tests/"))

        def pytest_runtest_teardown(self) -> None:
            measured.switch_context("")

    measured.start()
    code = pytest.main(["-q", "-m", "not cuda", "-p", "no:cacheprovider", *TESTS], [Contexts()])
    measured.stop()
    print(table(found, measured), file=sys.__stdout__)
    return int(code)


def table(found: list[Reach], measured: object) -> str:
    """Markdown: a row a function, and the sum."""
    rows, all_hit, all_lines = [], 0, 0
    for reach in found:
        path = str(PACKAGE / reach.file)
        _, statements, _, missing, _ = measured.analysis2(path)  # type: ignore[attr-defined]
        lines = reach.lines & set(statements)
        hit = lines - set(missing)
        contexts = measured.get_data().contexts_by_lineno(path)  # type: ignore[attr-defined]
        tests = sorted({name for line in hit for name in contexts.get(line, ()) if name})
        all_hit, all_lines = all_hit + len(hit), all_lines + len(lines)
        first = f"`{tests[0]}`" if tests else "none"
        more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
        left = f" (not {', '.join(map(str, sorted(lines - hit)))})" if lines - hit else ""
        rows.append(f"| `{reach.file}` `{reach.function}` | {len(hit)}/{len(lines)}{left} "
                    f"| {first}{more} |")  # fmt: skip
    return "\n".join([
        f"{all_hit} of {all_lines} lines that only a GPU reaches are driven "
        f"({all_hit / all_lines:.1%}).", "",
        "| function | lines | driven by |", "|---|---:|---|", *rows,
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
