"""Whatever is in the files is read or refused, and costs only itself."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from esrbench.errors import UsageError
from esrbench.results.index import INDEX
from esrbench.results.scan import scan
from esrbench.results.store import ResultsStore, read_record
from tests.results.records import record

CONTENT = "a" * 64


_BASE = json.loads(record(submission_sha256=CONTENT).model_dump_json())
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@seed(14)
@_FUZZ
@given(key=st.sampled_from(sorted(_BASE)), value=_JSON)
def test_a_record_with_any_value_anywhere_is_read_or_refused(tmp_path, key, value) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**_BASE, key: value}))
    try:
        said = str(read_record(path).id and path)
    except UsageError as why:
        said = str(why)
    assert str(path) in said
    assert len(said) < 1000
    assert len(scan(tmp_path).entries) + len(scan(tmp_path).left_out) == 1


@seed(23)
@_FUZZ
@given(cut=st.integers(0, 10_000), noise=st.binary(max_size=20))
def test_a_damaged_file_or_index_costs_only_itself(tmp_path, cut, noise) -> None:
    store = ResultsStore(tmp_path)
    if not list(tmp_path.glob("[!.]*.json")):
        store.add(record(submission_sha256=CONTENT))
    whole = json.dumps(_BASE).encode()
    cut %= len(whole)
    (tmp_path / "x.json").write_bytes(whole[:cut] + noise + whole[cut + len(noise) :])
    store.latest()
    index = (tmp_path / INDEX).read_bytes()
    (tmp_path / INDEX).write_bytes(index[: cut % len(index)] + noise)
    assert any(r.id == record().id for r in store.records())
    assert store.latest()
