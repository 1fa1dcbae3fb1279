"""Put what was handed in into ``challenge.yaml`` without touching a comment of the organiser's."""

from __future__ import annotations

import io
from typing import Any

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Challenge, Received
from esrbench.errors import UnavailableError
from esrbench.report.atomic import write_text
from esrbench.strict_yaml import parse


def add_received(folder: ChallengeFolder, team: str, entry: Received) -> None:
    """Append ``entry`` to the team's submissions; a team that is not there yet is added.

    Raises UsageError when the result would break the schema, UnavailableError when the file cannot
    be written or the extra is not installed; the file then stays as it was.
    """
    yaml = _round_trip()
    document = yaml.load(folder.file.read_text(encoding="utf-8"))
    teams = document.get("teams") or []
    row = next((row for row in teams if row.get("id") == team), None)
    if row is None:
        row = {"id": team}
        teams.append(row)
    row["submissions"] = [*(row.get("submissions") or []), _plain(entry)]
    document["teams"] = teams
    text = io.StringIO()
    yaml.dump(document, text)
    parse(_plain_data(text.getvalue()), Challenge, str(folder.file))
    write_text(folder.file, text.getvalue())


def _plain(entry: Received) -> dict[str, Any]:
    return {key: value for key, value in entry.model_dump(mode="json").items() if value is not None}


def _plain_data(text: str) -> object:
    import yaml

    return yaml.safe_load(text)


def _round_trip() -> Any:
    """A YAML reader and writer that keeps comments, order and quotes."""
    try:
        from ruamel.yaml import YAML
    except ImportError:
        raise UnavailableError(
            "Writing into challenge.yaml needs ruamel.yaml: pip install 'esrbench[challenge]'."
        ) from None
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml
