"""The facts together: JSON-able, and a fact that fails costs only itself."""

from __future__ import annotations

import json

from esrbench.counting.static_facts import static_facts

from .nets import Calls, TinySR


def test_facts(tmp_path):
    weights = tmp_path / "weights.bin"
    weights.write_bytes(bytes(4400))
    facts, missing = static_facts(TinySR().eval(), scale=2, weights=weights)
    assert missing == {}
    facts = json.loads(json.dumps(facts))
    assert facts["receptive_field"] == {"height": 5, "width": 5, "bounded": True}
    assert facts["input_sizes"] == {"smallest": 1, "multiple": 1, "failing": []}
    assert facts["weight_file_bytes"] == 4400
    assert facts["weight_file_bytes_per_param"] == 4.0
    assert facts["effective_field"]["side_99"] <= 5


def test_what_fails_is_missing_with_its_reason():
    def only_small(x):
        if x.shape[-1] > 64 or x.requires_grad:
            raise ValueError("too large")
        return x

    facts, missing = static_facts(Calls(only_small), scale=1)
    assert "receptive_field" not in facts
    assert "ValueError: too large" in missing["receptive_field"]
    assert facts["input_sizes"]["smallest"] == 1
