"""What ``select_model(args, device)`` gets as ``args``: the script's own, by their defaults."""

from __future__ import annotations

import ast
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esrbench.submission.single_file import syntax_tree


def arguments_of(entry: Path, model_id: int) -> Namespace:
    """``args`` as if ``entry`` were run with ``--model_id`` alone; its parser is read, not run."""
    return Namespace(**{**dict(_defaults(entry)), "model_id": model_id})


def _defaults(entry: Path) -> Iterator[tuple[str, Any]]:
    for node in ast.walk(syntax_tree(entry)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".add_argument"):
            options = [a.value for a in node.args if isinstance(a, ast.Constant)]
            long = [name for name in options if isinstance(name, str) and name.startswith("--")]
            said = {
                k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)
            }
            if long:
                switch = {"store_true": False, "store_false": True}.get(str(said.get("action")))
                name = str(said.get("dest") or long[0].lstrip("-")).replace("-", "_")
                yield name, said.get("default", switch)
