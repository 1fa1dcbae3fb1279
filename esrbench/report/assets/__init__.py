"""Style, scripts and the plot library, copied once beside the pages."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from esrbench.errors import UnavailableError
from esrbench.report.atomic import write_bytes

OWN = (
    "style.css",
    "theme.js",
    "tips.js",
    "figures.js",
    "names.js",
    "table.js",
    "export.js",
    "roofline.js",
    "plot.js",
    "page.js",
    "against.js",
    "viewer.js",
    "compare.js",
    "sortable.js",
)
PLOTLY = "plotly.min.js"


def write_assets(out: Path) -> None:
    """Put every asset under ``out/assets``; raises UnavailableError where plotly is missing."""
    here = files(__package__)
    for name in OWN:
        write_bytes(out / "assets" / name, here.joinpath(name).read_bytes())
    target = out / "assets" / PLOTLY
    source = plotly_script()
    if not target.is_file() or target.stat().st_size != source.stat().st_size:
        write_bytes(target, source.read_bytes())


def plotly_script() -> Path:
    """The plot library's script inside the installed plotly package, found without importing it."""
    import importlib.util

    spec = importlib.util.find_spec("plotly")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        script = Path(folder) / "package_data" / PLOTLY
        if script.is_file():
            return script
    raise UnavailableError("The plots need the plotly package: pip install plotly.")
