"""The Codabench bundle: whole by our own check, and its scoring step equal to `esrbench score`.

The schema is that of "YAML Structure" in Codabench's documentation. No server has seen a bundle.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from esrbench import bundled
from esrbench.challenge.codabench.bundle import write_bundle
from esrbench.challenge.codabench.ingestion import IngestionPlan, ingest, main
from esrbench.challenge.codabench.scoring import score
from esrbench.challenge.codabench.validate import validate
from esrbench.challenge.init import init
from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import UsageError
from esrbench.metrics.scorer import Scorer


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("challenge")
    file = init(root / "c", protocol="quick")
    return write_bundle(file.parent, root / "bundle.zip", data_root=None)


def rewritten(bundle: Path, out: Path, change: Any) -> Path:
    """The bundle with ``change`` made to its competition.yaml, and files left out for None."""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "competition.yaml":
                data = yaml.safe_load(content)
                change(data)
                content = yaml.safe_dump(data).encode()
            new.writestr(name, content)
    return out


def test_what_is_written_is_whole(bundle: Path) -> None:
    assert validate(bundle) == []
    with zipfile.ZipFile(bundle) as opened:
        told = yaml.safe_load(opened.read("competition.yaml"))
        program = zipfile.ZipFile(io.BytesIO(opened.read("scoring_program.zip")))
    assert told["version"] == 2
    # the folders of Codabench's workers ("Submission Docker Container Layout")
    command = yaml.safe_load(program.read("metadata.yaml"))["command"]
    assert command == "python3 /app/program/score.py /app/input /app/output"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(leaderboard=d.pop("leaderboards")), "did you mean 'leaderboards'?"),
        (lambda d: d.update(version=1), "'version'"),
        (lambda d: d.pop("terms"), "'terms' is missing"),
        (lambda d: d.update(image="other.png"), "names other.png, which is not in the zip"),
        (lambda d: d["phases"][0].update(tasks=[7]), "names task 7, which is not there"),
        (lambda d: d["phases"][0].update(start="01/02/2026"), "phases.0.start"),
        (lambda d: d["leaderboards"][0]["columns"][0].update(sorting="up"), "sorting"),
        (lambda d: d["leaderboards"][0]["columns"][1].update(index=0), "index 0 stands there"),
    ],
)
def test_a_fault_is_named(bundle: Path, tmp_path: Path, change: Any, said: str) -> None:
    faults = validate(rewritten(bundle, tmp_path / "b.zip", change))
    assert said in " ".join(faults)


def test_no_zip(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("no zip")
    assert "no zip file" in validate(tmp_path / "b.zip")[0]


def laid_out(bundle: Path, root: Path) -> Path:
    """``ref`` and ``res`` as a worker has them; the images sent are HR, blurred by a shift."""
    with zipfile.ZipFile(bundle) as opened:
        data = io.BytesIO(opened.read("validation/reference_data.zip"))
        zipfile.ZipFile(data).extractall(root / "ref")
    sent = root / "res" / "skimage8"
    sent.mkdir(parents=True)
    for path in (root / "ref" / "skimage8").glob("*.png"):
        pixels = np.asarray(Image.open(path))
        shifted = (pixels.astype(int) + np.roll(pixels, 1, axis=1)) // 2
        Image.fromarray(shifted.astype(np.uint8)).save(sent / path.name)
    return root


def test_the_scoring_step_gives_the_figures_of_the_judge(bundle: Path, tmp_path: Path) -> None:
    source = laid_out(bundle, tmp_path)
    scores = score(source, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == scores
    dataset = open_dataset("skimage8", 4, data_root=None, catalogue=load_catalogue())
    scorer = Scorer(["psnr_y", "ssim_rgb"], crop=4)
    own = [
        scorer.score(
            np.asarray(Image.open(source / "res" / "skimage8" / f"{pair.name}.png")),
            pair.read_hr(),
        )
        for pair in dataset.pairs
    ]
    for key in ("psnr_y", "ssim_rgb"):
        mean = sum(value[key] or 0 for value in own) / len(own)
        assert scores[f"{key}_skimage8"] == pytest.approx(mean, abs=1e-12)
    assert "astronaut" in (tmp_path / "out" / "detailed_results.html").read_text()


@pytest.mark.parametrize("fault", ["missing", "size", "broken", "twice", "identical"])
def test_what_was_sent_is_wrong(bundle: Path, tmp_path: Path, fault: str) -> None:
    source = laid_out(bundle, tmp_path)
    sent = source / "res" / "skimage8"
    chelsea = sent / "chelsea.png"
    if fault == "missing":
        chelsea.unlink()
        said = "there is no image chelsea.png"
    elif fault == "size":
        Image.new("RGB", (10, 20)).save(chelsea)
        said = "chelsea.png is 10x20 RGB; it must be"
    elif fault == "broken":
        chelsea.write_bytes(chelsea.read_bytes()[:500])
        said = "chelsea.png"
    elif fault == "twice":
        (sent / "chelseax4.png").write_bytes(chelsea.read_bytes())
        said = "both called after chelsea"
    else:
        for path in sent.iterdir():
            path.write_bytes((source / "ref" / "skimage8" / path.name).read_bytes())
        said = "the HR image itself"
    with pytest.raises(UsageError, match=said):
        score(source, tmp_path / "out")


def test_a_hidden_set_tells_means_only(bundle: Path, tmp_path: Path) -> None:
    source = laid_out(bundle, tmp_path)
    plan = source / "ref" / "scoring.json"
    told = json.loads(plan.read_text())
    told["sets"]["skimage8"].update(hidden=True, decimals=2)
    plan.write_text(json.dumps(told))
    scores = score(source, tmp_path / "out")
    page = (tmp_path / "out" / "detailed_results.html").read_text()
    assert not any(name in page for name in told["sets"]["skimage8"]["names"])
    assert scores["psnr_y_skimage8"] == round(scores["psnr_y_skimage8"], 2)


def test_code_is_run_without_hr_and_scored_as_the_judge_does(tmp_path: Path) -> None:
    """Through both steps in the folders of Codabench's workers; nearest on the built-in images."""
    file = init(tmp_path / "c", protocol="quick")
    written = write_bundle(file.parent, tmp_path / "b.zip", data_root=None, code=True)
    assert validate(written) == []
    with zipfile.ZipFile(written) as opened:
        told = yaml.safe_load(opened.read("competition.yaml"))
        data = zipfile.ZipFile(io.BytesIO(opened.read("validation/input_data.zip")))
        data.extractall(tmp_path / "input_data")
        reference = zipfile.ZipFile(io.BytesIO(opened.read("validation/reference_data.zip")))
        reference.extractall(tmp_path / "input" / "ref")
    assert told["phases"][0]["accepts_only_result_submissions"] is False
    lr = Image.open(tmp_path / "input_data" / "skimage8" / "chelsea.png")
    hr = Image.open(tmp_path / "input" / "ref" / "skimage8" / "chelsea.png")
    assert (lr.width * 4, lr.height * 4) == hr.size
    plan = IngestionPlan.model_validate_json(
        (tmp_path / "input_data" / "ingestion.json").read_text()
    )
    sent = tmp_path / "sent"
    shutil.copytree(bundled.submissions() / "nearest", sent)
    ingest(plan, tmp_path / "input_data", sent, tmp_path / "input" / "res")
    scores = score(tmp_path / "input", tmp_path / "out")
    assert scores["psnr_y_skimage8"] == pytest.approx(28.53, abs=0.005)  # as api.scoring's example


def test_of_a_hidden_set_neither_lr_nor_a_networks_words_get_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = init(tmp_path / "c", protocol="quick")
    text = file.read_text().replace("visibility: public", "visibility: hidden")
    file.write_text(text)
    written = write_bundle(file.parent, tmp_path / "b.zip", data_root=None, code=True)
    with zipfile.ZipFile(written) as opened:
        assert "validation/public_data.zip" not in opened.namelist()
        told = yaml.safe_load(opened.read("competition.yaml"))
        data = zipfile.ZipFile(io.BytesIO(opened.read("validation/input_data.zip")))
        data.extractall(tmp_path / "input_data")
    assert told["phases"][0]["hide_output"] is True
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "model.py").write_text("raise ValueError('pixels: 1 2 3')")
    words = ["ingestion", str(tmp_path / "input_data"), str(sent), str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", words)
    assert main() == 1
    said = capsys.readouterr().err
    assert "pixels" not in said
    assert "esrbench check" in said
