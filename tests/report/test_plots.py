"""Printed figures: text stays text, labels keep off each other, wrong words are named."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.leaderboard.literature import with_literature
from esrbench.literature.entry import Entry
from esrbench.report.plots.axes import metric_on
from esrbench.report.plots.kinds import draw
from esrbench.report.plots.labels import Box, _distance, place
from esrbench.report.plots.left_out import LeftOut, left_out, tell_left_out
from esrbench.report.plots.save import save
from esrbench.report.plots.trade_off import AS_PUBLISHED, trade_off
from esrbench.results.record import About, RunRecord
from tests.report.records import awkward, failed, record, runtime

NAMES = ("imdn", "rfdn", "rlfn", "efdn", "span", "bsrn", "swift", "fsrcnn", "carn", "edsr", "pan")


def labels(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_svg_text_is_text_and_the_file_is_the_same_twice(tmp_path: Path) -> None:
    rows = [record(name) for name in NAMES]
    first = save(trade_off(rows), tmp_path / "a.svg").read_text()
    assert ">imdn network</text>" in first
    assert "PSNR Y on skimage8 [dB]" in first
    assert save(trade_off(rows), tmp_path / "b.svg").read_text() == first


def test_pdf_embeds_truetype(tmp_path: Path) -> None:
    data = save(trade_off([record("a"), record("b")]), tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/Type3" not in data


@pytest.mark.parametrize(("width", "pixels"), [("single", 975), ("double", 2062)])
def test_png_widths(tmp_path: Path, width: str, pixels: int) -> None:
    """3.25 and 6.875 inches at 300 dpi, CVPR's column and page."""
    from PIL import Image

    path = save(trade_off([record("a"), record("b")], width=width), tmp_path / "a.png")  # type: ignore[arg-type]
    with Image.open(path) as image:
        assert image.width == pixels


@pytest.mark.parametrize("x", ["runtime", "macs", "flops", "params", "activations", "memory"])
@pytest.mark.parametrize("y", ["psnr", "ssim", "lpips"])
def test_every_pair_of_axes(x: str, y: str) -> None:
    figure = trade_off([record(n) for n in NAMES[:5]], x=x, y=y, bubble="params")
    axes = figure.axes[0]
    assert axes.get_xlabel()
    assert axes.yaxis_inverted() == (y == "lpips")


def test_energy_is_an_axis_where_records_have_it() -> None:
    rows = [record(n, runtime_ms=runtime(5.0, energy=j)) for n, j in (("a", 0.5), ("b", 0.75))]
    axes = trade_off(rows, x="energy").axes[0]
    assert axes.get_xlabel() == "Energy at 256×256 [J]"
    xs = sorted(float(c.get_offsets()[0][0]) for c in axes.collections)  # type: ignore[index]
    assert xs == [0.5, 0.75]
    with pytest.raises(UsageError, match="No record has both Energy"):
        trade_off([record("a"), record("b")], x="energy")


def test_the_protocols_colour_is_taken() -> None:
    rows = [record(n, protocol_name="ntire2026") for n in NAMES[:3]]
    assert trade_off(rows).axes[0].get_ylabel() == "PSNR RGB on DIV2K_LSDIR_valid [dB]"


def test_awkward_records() -> None:
    with pytest.warns(LeftOut) as told:
        figure = trade_off(awkward(), highlight=["span"])
    assert {"span/c28", "hidden-ops network"} <= set(labels(figure))
    words = " ".join(str(one.message) for one in told)
    assert "Interpolation out of the others' range (see --interpolation): bicubic" in words
    assert "without one of the two figures: not-a-number" in words
    assert "with an infinite figure (images identical to HR): identity" in words
    figure = trade_off(awkward(), interpolation=True)
    assert "bicubic network" in labels(figure)
    assert "identity network" not in labels(figure)  # its PSNR is infinite
    assert "odd-crop network" not in labels(figure)  # measured in another way


def test_a_long_axis_has_one_style_of_numbers() -> None:
    """From 0.0001 to 1,000,000; at 1e6 it turned to 1e+06."""
    rows = [record("a", ms=0.00031), record("b", ms=7.0), record("c", ms=812345.6)]
    figure = trade_off(rows)
    figure.canvas.draw()
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert {"0.0001", "1", "10,000", "1,000,000"} <= set(ticks)


def test_no_two_labels_overlap() -> None:
    figure = trade_off([record(name) for name in NAMES])
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    assert len(boxes) == len(NAMES)
    assert not [
        1
        for a, b in itertools.combinations(boxes, 2)
        if a.shrunk(0.9, 0.8).overlaps(b.shrunk(0.9, 0.8))
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), min_size=1, max_size=25))
def test_placed_labels_never_overlap(points: list[tuple[float, float]]) -> None:
    frame = Box(-20, -20, 320, 220)
    spots = place(points, [(40.0, 9.0)] * len(points), [3.0] * len(points), frame)
    boxes = [spot.box for spot in spots if spot]
    assert boxes
    assert all(a.overlap(b) == 0 for a, b in itertools.combinations(boxes, 2))
    markers = [Box(x - 3, y - 3, x + 3, y + 3) for x, y in points]
    assert all(box.overlap(marker) == 0 for box in boxes for marker in markers)


def test_a_label_is_never_nearer_to_another_point() -> None:
    """Two points 3 pixels apart: the second's name may stand where it is nearer to the second, or
    far away with a line, but not beside the first."""
    points = [(100.0, 100.0), (103.0, 100.0)]
    spots = place(points, [(40.0, 9.0)] * 2, [3.0] * 2, Box(0, 0, 200, 200))
    for spot, own, other in zip(spots, points, points[::-1], strict=True):
        assert spot
        if not spot.far:
            assert _distance(spot.box, own) < _distance(spot.box, other)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"x": "runtim"}, "did you mean 'runtime'"),
        ({"y": "psrn"}, "did you mean 'psnr'"),
        ({"dataset": "Set5"}, "No record has values on 'Set5'"),
        ({"bubble": "parms"}, "did you mean 'params'"),
    ],
)
def test_wrong_words(words: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        trade_off([record("a"), record("b")], **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [[], [failed()]])
def test_nothing_to_plot(rows: list) -> None:
    with pytest.raises(UsageError, match="no records to plot"):
        trade_off(rows)


def test_wrong_suffix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"written as \.png, \.svg or \.pdf"):
        save(trade_off([record("a"), record("b")]), tmp_path / "a.jpg")


def sized(name: str) -> object:
    """A record that was timed at three sizes, the last of which is no size."""
    runs = [runtime(ms).model_copy(update={"shape": shape})
            for shape, ms in (("256x256", 8.0), ("128x128", 3.0), ("mixed", 1.0))]  # fmt: skip
    return record(name, runtime_by_shape=runs)


def test_bars_are_in_order_and_named() -> None:
    figure = draw("bar", [record(n) for n in NAMES[:4]], x="params")
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths == sorted(widths)
    assert len(figure.axes[0].get_yticklabels()) == 4


def test_curve_has_a_line_a_row_over_pixels() -> None:
    figure = draw("curve", [sized("a"), sized("b"), record("c", runtime_by_shape=[])])
    lines = [container.lines[0] for container in figure.axes[0].containers]  # type: ignore[attr-defined]
    assert [list(line.get_xdata()) for line in lines] == [[16384, 65536]] * 2
    assert list(lines[0].get_ydata()) == [3.0, 8.0]


def test_heatmap_is_the_difference_to_the_images_mean() -> None:
    rows = []
    for name, shift in (("a", 1.0), ("b", -1.0)):
        made = record(name, images_each=3)
        for i, score in enumerate(made.images["skimage8"]):
            score.values = {"psnr_y": 30.0 + i + shift}
        rows.append(made)
    rows[1].images["skimage8"][2].values = {"psnr_y": None}
    figure = draw("heatmap", rows, y="psnr")
    drawn = figure.axes[0].images[0].get_array()
    assert drawn.filled(9.0).tolist() == [[1.0, 1.0, 0.0], [-1.0, -1.0, 9.0]]


def test_a_kind_takes_what_it_knows_of_the_options() -> None:
    draw("bar", [record("a")], x="macs", y="psnr", dataset="skimage8", bubble=None, highlight=["a"])
    with pytest.raises(UsageError, match="did you mean 'heatmap'"):
        draw("heatmp", [record("a")])
    with pytest.raises(UsageError, match="timed at two sizes"):
        draw("curve", [record("a")])
    with pytest.raises(UsageError, match="image by image"):
        draw("heatmap", [record("a", images={})])


@pytest.mark.parametrize("kind", ["pareto", "bar", "curve"])
def test_a_name_to_bring_out_must_be_there(kind: str) -> None:
    rows = [sized("span"), sized("rlfn")]
    draw(kind, rows, highlight=["span"])
    with pytest.raises(UsageError, match="did you mean 'span'"):
        draw(kind, rows, highlight=["spam"])


def test_mixed_sizes_have_no_spread_and_say_so() -> None:
    """The spread of calls at different sizes is that of the images, not of the measurement."""
    mixed = runtime(5.0).model_copy(update={"shape": "mixed", "policy": "ntire"})
    axes = trade_off([record(n, runtime_ms=mixed) for n in "ab"]).axes[0]
    assert axes.get_xlabel() == "Mean runtime over images [ms]"
    assert len(axes.lines) == 1  # the front, and no error bars


@pytest.mark.parametrize(("y", "better"), [("psnr", 1.0), ("lpips", -1.0)])
def test_the_heatmap_diverges_from_white(y: str, better: float) -> None:
    """The mean is the lightest (luma by BT.601); away from it both ways darken step by step, better
    to purple, worse to orange, which protanopes and deuteranopes tell apart."""
    rows = [record(n, images_each=3) for n in NAMES[:4]]
    (image,) = draw("heatmap", rows, y=y).axes[0].images
    steps = [image.cmap(image.norm(better * image.norm.vmax * i / 10)) for i in range(-10, 11)]
    lumas = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b, _ in steps]
    assert lumas[:11] == sorted(lumas[:11])
    assert lumas[10:] == sorted(lumas[10:], reverse=True)
    assert min(lumas[10] - lumas[0], lumas[10] - lumas[-1]) > 0.6
    (r, _, b, _), (red, _, blue, _) = steps[17], steps[3]
    assert b > r
    assert red > blue


def test_what_an_area_shows_stands_beside_it() -> None:
    legend = trade_off([record(n) for n in NAMES], bubble="params").axes[0].get_legend()
    assert legend is not None
    assert legend.get_title().get_text() == "Params [K]"
    assert len(legend.get_texts()) == 3


def test_the_threshold_is_drawn_where_the_axis_reaches_it() -> None:
    """ntire2026 asks for 26.90 dB."""
    name = "DIV2K_LSDIR_valid"
    near = [
        record(n, protocol_name="ntire2026", quality={name: {"psnr_rgb": v}})
        for n, v in (("a", 26.85), ("b", 26.95))
    ]
    assert "threshold 26.90" in labels(trade_off(near))
    far = [record(n, protocol_name="ntire2026") for n in "ab"]
    assert not any("threshold" in text for text in labels(trade_off(far)))


def test_more_lines_than_colours_are_told_apart() -> None:
    figure = draw("curve", [sized(f"n{i}") for i in range(20)])
    lines = [container.lines[0] for container in figure.axes[0].containers]  # type: ignore[attr-defined]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 20
    names = [text.get_text() for text in figure.axes[0].texts]
    assert len(set(names)) == 20


def shown_marks(figure: Figure) -> dict[str, tuple[float, float]]:
    """Where each name's text is, by what it says."""
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts}


def test_what_the_table_does_not_rank_is_no_front() -> None:
    """The flagged one is fastest and best: it would be the whole front."""
    rows = [
        record("a", ms=10.0, psnr=31.0), record("b", ms=20.0, psnr=32.0),
        record("flagged", ms=1.0, psnr=33.0, flags=["below-floor"]),
        record("bilinear", ms=15.0, psnr=31.5, params=0),
    ]  # fmt: skip

    def front(allowed: tuple[str, ...] = ()) -> list[float]:
        line = trade_off(rows, allowed=allowed).axes[0].lines[0]
        return [float(x) for x in line.get_xdata()]  # type: ignore[union-attr]

    assert front() == [10.0, 20.0]
    assert front(("below-floor",)) == [1.0]


def test_interpolation_does_not_stretch_the_axes() -> None:
    rows = [record("a", ms=10.0, psnr=31.0), record("b", ms=20.0, psnr=32.0),
            record("nearest", ms=0.1, psnr=24.0, params=0)]  # fmt: skip
    with pytest.warns(LeftOut, match="nearest"):
        low, _ = trade_off(rows).axes[0].get_ylim()
    assert low > 30
    low, _ = trade_off(rows, interpolation=True).axes[0].get_ylim()
    assert low < 24


def test_macs_that_differ_are_marked() -> None:
    from tests.report.records import complexity

    rows = [record("a", gmacs=2.0), record("b", gmacs=1.0, complexity=complexity(10**9, 5 * 10**9))]
    figure = trade_off(rows, x="macs")
    assert {"a network", "b network≠"} == set(labels(figure))
    assert sorted(float(c.get_offsets()[0][0]) for c in figure.axes[0].collections) == [2.0, 5.0]  # type: ignore[index]
    assert "The two counters of MACs differ" in figure.get_supxlabel()


@pytest.mark.parametrize("title", ["a $5 b $6", r"PSNR $\frac{ 5$ & 100% of $x", "a\x1b[31mb"])
@pytest.mark.parametrize("kind", ["pareto", "bar", "heatmap"])
def test_a_title_is_text(tmp_path: Path, title: str, kind: str) -> None:
    rows = [record("cost$x_{$", psnr=31.0, ms=1.0), record("b", psnr=32.0)]
    figure = draw(kind, rows, title=title)
    page = save(figure, tmp_path / "a.svg").read_text()
    assert figure.get_suptitle() == title.replace("\x1b", r"\x1b")
    assert "\x1b" not in page
    assert "cost$x_{$" in page


@pytest.mark.parametrize(
    ("labels_given", "shown"),
    [("front", {"a", "b"}), ("top:1", {"b"}), ("c", {"c"}), ("all", {"a", "b", "c"})],
)
def test_whose_names_are_written(labels_given: str, shown: set[str]) -> None:
    rows = [named("a", ms=10.0, psnr=31.0), named("b", ms=20.0, psnr=32.0),
            named("c", ms=25.0, psnr=30.0)]  # fmt: skip
    assert set(labels(trade_off(rows, labels=labels_given))) == shown


@pytest.mark.parametrize("wrong", ["top:x", "nobody"])
def test_wrong_names_to_write(wrong: str) -> None:
    with pytest.raises(UsageError, match=f"--labels {wrong}"):
        trade_off([record("a"), record("b")], labels=wrong)


def named(name: str, **changes: Any) -> RunRecord:
    return record(name, about=About(title=name), **changes)


def test_of_sixty_rows_the_front_and_the_top_are_named_and_the_rest_has_numbers_and_a_key() -> None:
    rows = [named(f"net{i}", psnr=30 + i / 40) for i in range(60)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeftOut)
        figure = trade_off(rows, width="double")
    key = figure._supxlabel.get_text().replace("\u00a0", " ")  # type: ignore[attr-defined]
    written = labels(figure)
    assert {"net59", "net58"} <= set(written)
    assert "net3" not in written
    number = next(entry.split()[0] for entry in key.replace("\n", " ").split(", ")
                  if entry.split()[1] == "net3")  # fmt: skip
    assert number in written
    assert figure.get_figheight() > trade_off(rows[:5], width="double").get_figheight()


def test_titles_stand_for_ids_and_ids_where_two_share_a_title() -> None:
    rows = [named("a"), record("b", about=About(title="B")), record("c", about=About(title="B"))]
    assert set(labels(trade_off(rows))) == {"a", "b", "c"}
    assert set(labels(trade_off(rows[:2], labels="b"))) == {"B"}


def test_zero_stands_on_a_linear_axis_and_is_told_on_a_logarithmic_one() -> None:
    rows = [named("none", params=0, psnr=31.1), named("a", params=100), named("b", params=300)]
    drawn = trade_off(rows, x="params", interpolation=True)
    assert "none" in labels(drawn)
    with pytest.warns(LeftOut, match="0, which a logarithmic axis lacks: none"):
        trade_off([*rows, named("c", params=90_000)], x="params", interpolation=True)


@pytest.mark.parametrize(("style", "fonts"), [("sans", "Sans"), ("serif", "Seri"), ("latex", "mr")])
def test_house_styles_are_letters_alone(tmp_path: Path, style: Any, fonts: str) -> None:
    path = save(trade_off([named("a"), named("b")], style=style), tmp_path / "a.svg", style)
    assert fonts in path.read_text()


def test_a_large_bubble_lets_a_small_one_show() -> None:
    rows = [named("large", params=900_000), named("small", params=9_000)]
    marks = trade_off(rows, bubble="params").axes[0].collections[:2]
    large, small = (mark.get_facecolor()[0][3] for mark in marks)  # type: ignore[index]
    assert large < 0.5
    assert small < 0.5
    assert marks[0].get_sizes()[0] > marks[1].get_sizes()[0]  # type: ignore[attr-defined]


def test_what_no_font_has_is_one_sentence(tmp_path: Path) -> None:
    """The letters of a private use area, which no font is to have."""
    figure = trade_off([record("a", about=About(title="\ue0a1\ue0a2"))], x="macs", y="psnr")
    figure.text(0.5, 0.5, "\ue0a1\ue0a2 and \ue0a1")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        save(figure, tmp_path / "a.png")
        tell_left_out(["b"], "Left out")
        warnings.warn("of no concern", DeprecationWarning, stacklevel=1)
    said = left_out(told)
    assert said[0] == "Left out: b"
    assert said[1].startswith("Drawn as boxes, as no font here has them: \ue0a1\ue0a2; install")
    assert len(said) == 2


@pytest.mark.parametrize("lowest", [20_000, 2_000, 1])
def test_the_ticks_of_a_log_axis_do_not_overlap(lowest: int) -> None:
    figure = trade_off([record("a", params=lowest), record("b", params=900_000)], x="params")
    figure.canvas.draw()
    (axes,) = figure.axes[:1]
    left, right = axes.get_xlim()
    inside = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    boxes = [text.get_window_extent() for at, text in inside if left <= at <= right]
    assert len(boxes) >= 3
    assert all(one.x1 < next.x0 for one, next in itertools.pairwise(boxes))


def test_published_rows_are_hollow_circles_and_the_foot_says_so() -> None:
    entry = Entry.model_validate(
        {"name": "dream", "title": "Dream", "paper": "https://arxiv.org/abs/2001.00001",
         "figures": {4: {"params": 90000, "quality": {"Set5": {"psnr_y": 33.0}}}}}
    )  # fmt: skip
    rows = [record(name, datasets_scored=["skimage8", "Set5"]) for name in NAMES[:4]]
    drawn = {"x": "params", "dataset": "Set5"}
    figure = trade_off(with_literature(rows, [entry]), **drawn)
    assert AS_PUBLISHED in str(figure.get_supxlabel())
    assert AS_PUBLISHED not in str(trade_off(rows, **drawn).get_supxlabel())
    (dream,) = (m for m in figure.axes[0].collections if tuple(m.get_offsets()[0]) == (90, 33))
    assert tuple(dream.get_facecolors()[0][:3]) == (1, 1, 1)


def test_a_metric_may_name_its_dataset() -> None:
    assert metric_on("psnr:Set5", None) == metric_on("psnr", "Set5") == ("psnr", "Set5")
    assert metric_on("psnr:Set5", "Set5") == ("psnr", "Set5")
    assert metric_on("psnr", None) == ("psnr", None)
    with pytest.raises(UsageError, match="name two datasets"):
        metric_on("psnr:Set5", "Set14")


def test_bold_letters_in_latex_s_own_font_raise_no_word(caplog: pytest.LogCaptureFixture) -> None:
    """cmr10 has none, which matplotlib would log once and for all."""
    trade_off([record("a"), record("b")], highlight=["a"], style="latex")
    assert [said.getMessage() for said in caplog.records] == []


def test_a_line_to_a_far_label_passes_no_other_marker() -> None:
    """Two points beside each other on a line: the right one's long name may not stand to the left
    of the left one, with its line through that."""
    points = [(100.0, 100.0), (140.0, 100.0)]
    frame = Box(0, 90, 150, 111)  # only to the left is there room
    spots = place(points, [(20.0, 9.0), (80.0, 9.0)], [3.0] * 2, frame)
    assert spots[1] is None
