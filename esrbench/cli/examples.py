"""An example of every command, which its ``--help`` ends with; a test parses each of them."""

from __future__ import annotations

from typer import Typer

EXAMPLES = {
    "new": "esrbench new mynet --in submissions",
    "check": "esrbench check submissions/mynet --scale 4",
    "score": "esrbench score 4x_mynet.pth span/c28 --protocol classic --dataset Set5",
    "compare": "esrbench compare mynet span/c28 --shape 256x256",
    "report": "esrbench report --results reports/results --out reports --since 2026-01-31",
    "plot": "esrbench plot --x macs --y psnr --width single -o trade-off.pdf",
    "export": "esrbench export --format latex --columns params,macs,runtime,Set5 --ours mynet",
    "show": "esrbench show span/c28",
    "import-ntire-results": "esrbench import-ntire-results results.json --protocol ntire2024",
    "merge": "esrbench merge laptop/results server/results --into all",
    "pack": "esrbench pack net_g_latest.pth --out packed --onnx",
    "metrics": "esrbench metrics SR HR --crop 4 -m psnr_y -m ssim_y",
    "complexity": "esrbench complexity span/c28 --input 1x3x256x256",
    "doctor": "esrbench doctor --device cuda:0",
    "demo": "esrbench demo --out demo",
    "datasets list": "esrbench datasets list",
    "datasets prepare": "esrbench datasets prepare Set5 --scale 4",
    "datasets download": "esrbench datasets download Urban100 --scale 4",
    "datasets verify": "esrbench datasets verify Set5",
    "challenge init": "esrbench challenge init mychallenge --protocol ntire2026",
    "challenge add": "esrbench challenge add team07 entry.zip --in mychallenge",
    "challenge run": "esrbench challenge run --in mychallenge --jobs 4",
    "challenge status": "esrbench challenge status --in mychallenge",
    "challenge publish": "esrbench challenge publish --in mychallenge --to published",
    "challenge codabench": "esrbench challenge codabench --in mychallenge --out bundle.zip",
    "results verify": "esrbench results verify reports/results",
    "results sign": "esrbench results sign reports/results --key ~/.ssh/id_ed25519",
    "literature add": "esrbench literature add mypaper.yaml",
    "literature list": "esrbench literature list",
}
"""By the words after ``esrbench``."""


def put_examples(app: Typer, above: str = "") -> None:
    """Give every command of ``app`` and of its groups the end of its help.

    Raises KeyError for a command without an example.
    """
    for one in app.registered_commands:
        name = one.name or getattr(one.callback, "__name__", "")
        one.epilog = f"Example: {EXAMPLES[f'{above}{name}']}"
    for group in app.registered_groups:
        if group.typer_instance is not None:
            put_examples(group.typer_instance, f"{group.name} ")
