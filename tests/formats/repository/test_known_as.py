"""Under which names a module's networks can be asked for."""

from __future__ import annotations

import pytest

from esrbench.submission.formats.repository.known_as import KnownAs, known_as

TINY = "class Tiny(nn.Module): pass\n"
OWN = KnownAs("Tiny", registered=False)
REGISTERED = KnownAs("Tiny", registered=True)
ALIAS = KnownAs("Tiny", registered=True, defined=False)


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        (TINY, "Tiny", OWN),
        (TINY, "tiny", None),
        (f"@ARCH_REGISTRY.register()\n{TINY}", "Tiny", REGISTERED),
        (f"@register_model\n{TINY}", "Tiny", REGISTERED),
        (f"@torch.compile\n{TINY}", "Tiny", OWN),
        (f"@ARCHS.register('tiny-x4')\n{TINY}", "tiny-x4", ALIAS),
        (f"@ARCHS.register(name='tiny')\n{TINY}", "tiny", ALIAS),
        (f"@ARCH_REGISTRY.register(suffix='v2')\n{TINY}", "Tiny_v2", ALIAS),
        (f"{TINY}ARCHS.register(Tiny, name='tiny')\n", "tiny", ALIAS),
        (f"{TINY}ARCHS.register('tiny')(Tiny)\n", "tiny", ALIAS),
        (f"{TINY}ARCHS.register(Tiny)\n", "Tiny", REGISTERED),
        (f"{TINY}NETWORKS['tiny'] = Tiny\n", "tiny", ALIAS),
        (f"{TINY}TinyV2 = Tiny\n", "TinyV2", KnownAs("TinyV2", registered=False, defined=False)),
        ("small = lambda **k: 1\n", "small", KnownAs("small", registered=False, defined=False)),
        ("small = functools.partial(f)", "small", KnownAs("small", False, defined=False)),
        ("small = 3\n", "small", None),
        ("print('small')\nx = Tiny('small')\n", "small", None),
        ("def small(): pass\n", "small", KnownAs("small", registered=False)),
    ],
)
def test_a_name(source: str, name: str, expected: KnownAs | None) -> None:
    assert known_as(source.encode(), name) == expected
