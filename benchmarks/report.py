"""How long records take to become pages, and how large the index is.

    python benchmarks/report.py [--rows 1000] [--sets 5] [--images 100] [--out FOLDER] [--browser]

Makes synthetic records (no pictures; 60 layers and an effective receptive field each), renders the
site twice, then again with one record more, and counts the files that were written. With
``--browser`` it sorts and filters the index in headless Chromium (needs selenium and Debian's
chromium-driver). The target is under 20 s on two cores, an index under 1.5 MB, a sort or filter
under 100 ms.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from esrbench.report.site import render_site
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore
from tests.report.records import record, with_layers

SETS = ["Set5", "Set14", "B100", "Urban100", "Manga109", "DIV2K_valid", "LSDIR_valid"]


def main() -> None:
    """Make, render, render again, measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--sets", type=int, default=5)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--browser", action="store_true")
    chosen = parser.parse_args()
    folder = chosen.out or Path(tempfile.mkdtemp(prefix="esrbench-report-"))
    store = ResultsStore(folder / "results")
    if not store.root.is_dir():
        make_records(store, chosen.rows, chosen.sets, chosen.images)
    shutil.rmtree(folder / "site", ignore_errors=True)
    for run in ("first", "again", "one more"):
        if run == "one more":
            newcomer = f"net-new-{sum(1 for _ in store.root.glob('*.json'))}"
            store.add(one_record(newcomer, chosen.sets, chosen.images))
        before = written(folder / "site")
        wall, busy = time.perf_counter(), time.process_time()
        index = render_site(store, folder / "site")
        wall, busy = time.perf_counter() - wall, time.process_time() - busy
        files = len(set(written(folder / "site").items()) - set(before.items()))
        print(f"{run}: {wall:.2f} s ({busy:.2f} s of CPU), {files} files written, for "
              f"{chosen.rows} records x {chosen.sets} sets x {chosen.images} images, "
              "reading included")  # fmt: skip
    print(f"index.html: {index.stat().st_size / 1e6:.3f} MB")
    if chosen.browser:
        in_browser(index)


def written(site: Path) -> dict[Path, int]:
    """Every file of the site with the time it was last written."""
    return {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}


def make_records(store: ResultsStore, rows: int, sets: int, images: int) -> None:
    for i in range(rows):
        store.add(one_record(f"net-{i:04d}", sets, images))


def one_record(name: str, sets: int, images: int) -> RunRecord:
    """A record as large as a real one."""
    made = with_layers(
        record(name, protocol_name="classic", images_each=images, datasets_scored=SETS[:sets]),
        repeated=15,
    )
    assert made.complexity is not None
    rng = random.Random(name)
    spread = [[rng.random() for _ in range(64)] for _ in range(64)]
    made.complexity.facts["effective_field"] = {"map": spread, "side_95": 13, "side_99": 17}
    return made


def in_browser(index: Path) -> None:
    """Medians of nine: until the page is laid out again, and until the next frame is drawn."""
    from tests.report.browser import start_chromium

    driver = start_chromium(1440, 1000)
    driver.set_script_timeout(60)
    driver.get(index.as_uri())
    for name, action in (
        ("sort", "board.sortBy(keys[i % keys.length])"),
        ("filter", "board.state.q = String(i % 10); board.commit()"),
    ):
        laid_out, drawn = driver.execute_async_script(_TIMED.replace("ACTION", action))
        print(f"{name}: laid out after {sorted(laid_out)[4]:.0f} ms, drawn after "
              f"{sorted(drawn)[4]:.0f} ms (software rendering)")  # fmt: skip
    driver.quit()


_TIMED = """
const done = arguments[0], board = esrbench.boards[0], laidOut = [], drawn = [];
const keys = ['params', 'runtime_ms', 'Set5.psnr_y', 'macs'];
let i = 0;
function step() {
  if (i === 9) { done([laidOut, drawn]); return; }
  const started = performance.now();
  ACTION; i += 1;
  document.body.offsetHeight;
  laidOut.push(performance.now() - started);
  requestAnimationFrame(() => setTimeout(() => {
    drawn.push(performance.now() - started);
    setTimeout(step, 900);
  }));
}
setTimeout(step, 2000);
"""

if __name__ == "__main__":
    main()
