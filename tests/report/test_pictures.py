"""Crops beside the site: bicubic made once, other submissions' pictures in one script a table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.report.picture_sets import pictures_path
from esrbench.report.pictures import copy_pictures
from esrbench.report.site import render_site
from esrbench.results.record import Picture, RunRecord
from esrbench.results.store import ResultsStore
from tests.report.records import record

LR = np.random.default_rng(5).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def pictured(store: ResultsStore, name: str, hr: tuple[int, int] = (24, 32)) -> RunRecord:
    """A record with one crop of 8 x 6 LR pixels; LR and HR are shared by all, as a run does."""
    (store.root / "pictures" / name).mkdir(parents=True)
    paths = {"lr": "pictures/lr.png", "hr": "pictures/hr.png", "sr": f"pictures/{name}/sr.png"}
    Image.fromarray(LR).save(store.root / paths["lr"])
    for key in ("sr", "hr"):
        Image.fromarray(np.zeros((*hr, 3), np.uint8)).save(store.root / paths[key])
    picture = Picture(dataset="Set5", name="bird", box=(0, 0, hr[1], hr[0]), **paths)
    return record(name, pictures=[picture])


def test_bicubic_of_the_lr_crop_is_matlabs(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    one = pictured(store, "a")
    (shown,) = copy_pictures([one], store.root, tmp_path)[one.id]
    assert shown.bicubic == "pictures/lr-bicubic.png"
    with Image.open(tmp_path / shown.bicubic) as made:
        assert (np.asarray(made) == matlab_bicubic(LR, 4)).all()
    assert shown.key == "Set5/bird/0,0,32,24"


def test_no_bicubic_where_sizes_do_not_fit(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    one = pictured(store, "a", hr=(25, 32))
    (shown,) = copy_pictures([one], store.root, tmp_path)[one.id]
    assert shown.bicubic is None


def test_a_picture_that_cannot_be_read_does_not_stop_the_site(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    one = pictured(store, "a")
    (store.root / "pictures" / "lr.png").write_bytes(b"no picture")
    (shown,) = copy_pictures([one], store.root, tmp_path)[one.id]
    assert shown.bicubic is None


def test_one_script_a_table_names_who_made_what(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    for one in (pictured(store, "a"), pictured(store, "<b>"), record("c")):
        store.add(one)
    render_site(store, tmp_path)
    (script,) = (tmp_path / "data" / "tables").glob("pictures-*.js")
    text = script.read_text(encoding="utf-8")
    assert "<b>" not in text
    data = json.loads(text.removeprefix("esrbench.pictures(").removesuffix(");\n"))
    assert sorted(data["names"]) == ["<b>", "a"]
    made = data["made"]["Set5/bird/0,0,32,24"]
    assert {data["names"][i]: path for i, path in made}["a"] == "pictures/a/sr.png"


def test_a_newcomers_pictures_leave_the_others_pages_alone(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    store.add(pictured(store, "a"))
    store.add(pictured(store, "b").model_copy(update={"precision": "fp16"}))
    render_site(store, tmp_path)
    (page,) = (tmp_path / "submissions").glob("a-*.html")
    before = page.read_text()
    store.add(pictured(store, "c").model_copy(update={"precision": "fp16"}))
    render_site(store, tmp_path)
    assert page.read_text() == before
    assert len(list((tmp_path / "data" / "tables").glob("pictures-*.js"))) == 2


def test_the_script_of_a_table_that_is_gone_goes(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "results")
    store.add(pictured(store, "a"))
    render_site(store, tmp_path)
    for path in store.root.glob("*.json"):
        path.unlink()
    store.add(record("b"))
    render_site(store, tmp_path)
    assert not list((tmp_path / "data" / "tables").glob("pictures-*.js"))


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    long = "x" * 300
    assert len(Path(pictures_path(long)).name) < 160
    assert pictures_path(long) != pictures_path(long + "y")
