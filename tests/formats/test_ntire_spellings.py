"""NTIRE repositories as people have them: `select_model` elsewhere, handed on, in other spellings.

Numbers: ids, ranges and checkpoints are those written in each source below.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError
from esrbench.submission.find import find
from esrbench.submission.formats.ntire_arguments import arguments_of
from esrbench.submission.formats.ntire_repository import branches
from esrbench.submission.weights import locate_weights

from .conftest import SMALL, small_network
from .running import LR, output

BODY = """
        name, data_range = f"{id:02}_Small", 255.0
        from models.team00_small import Small
        model = Small()
        model.load_state_dict(torch.load(PATH), strict=True)
"""
END = """
    else:
        raise NotImplementedError
    return model, name, data_range, None
"""
HEAD = "import os\nimport torch\n"
BRANCH = BODY.replace("{id:02}", "03").replace("PATH", "os.path.join('model_zoo', 'small.pth')")


def _select(test: str, name: str = "select_model", given: str = "args, device") -> str:
    return f"{HEAD}def {name}({given}):\n    if {test}:{BRANCH}{END}"


# the files that hold select_model, by their path in the repository
SPELLINGS = {
    "attribute": {"test_demo.py": _select("args.model_id == 3")},
    "int of it": {"test_demo.py": _select("int(args.model_id) == 3")},
    "as text": {"test_demo.py": _select("str(args.model_id) == '3'")},
    "the other way round": {"test_demo.py": _select("3 == args.model_id")},
    "one of several": {"test_demo.py": _select("args.model_id in (3, 4)")},
    "either": {"test_demo.py": _select("args.model_id == 3 or args.model_id == 4")},
    "imported": {
        "test_demo.py": "from utils.select import select_model\n",
        "utils/select.py": _select("args.model_id == 3"),
    },
    "imported by another name, through a package": {
        "test_demo.py": "from choose import pick as select_model\n",
        "choose/__init__.py": "from .inner import pick\n",
        "choose/inner.py": _select("args.model_id == 3", "pick"),
    },
    "handed on": {
        "test_demo.py": "def select_model(args, device):\n    return _choose(args.model_id)\n"
        + _select("model_id == 3", "_choose", "model_id"),
    },
    "a constant of the file": {
        "test_demo.py": "SMALL = 3\n" + _select("args.model_id == SMALL"),
    },
    "a range": {"test_demo.py": _select("args.model_id in range(3, 5)")},
    "getattr": {"test_demo.py": _select("getattr(args, 'model_id', 0) == 3")},
    "a walrus": {"test_demo.py": _select("(which := args.model_id) == 3")},
    "two at once": {
        "test_demo.py": _select("which == 3").replace(
            "    if which", "    which, tile = args.model_id, None\n    if which"
        ),
    },
    "formatted": {
        "test_demo.py": _select("which == '03'").replace(
            "    if which", "    which = f'{args.model_id:02}'\n    if which"
        ),
    },
    "handed on under another name": {
        "test_demo.py": "def select_model(args, dev):\n    return _choose(dev, args.model_id)\n"
        + _select("which == 3", "_choose", "device, which"),
    },
    "handed on by keyword": {
        "test_demo.py": "def select_model(args, device):\n    return _choose(n=args.model_id)\n"
        + _select("n == 3", "_choose", "n"),
    },
    "range said before": {
        "test_demo.py": _select("args.model_id == 3")
        .replace('name, data_range = f"{id:02}_Small", 255.0', 'name = "03_Small"')
        .replace('name, data_range = f"03_Small", 255.0', 'name = "03_Small"')
        .replace("    if args", "    data_range = 255.0\n    if args"),
    },
    "returned by the branch": {
        "test_demo.py": f"{HEAD}def select_model(args, device):\n    if args.model_id == 3:\n"
        "        return load(os.path.join('model_zoo', 'small.pth')), '03_Small', 255.0, None\n"
        "    raise NotImplementedError\n",
    },
    "a table of functions": {
        "test_demo.py": f"{HEAD}def small(device):{BRANCH}"
        "        return model, name, data_range, None\n"
        "def select_model(args, device):\n    return {3: small}[args.model_id](device)\n",
    },
    "a table of tuples": {
        "test_demo.py": f"{HEAD}from models.team00_small import Small\n"
        "MODELS = {3: ('03_Small', Small, 'model_zoo/small.pth', 255.0)}\n"
        "def select_model(args, device):\n    name, net, path, top = MODELS[args.model_id]\n"
        "    return load(net(), path), name, top, None\n",
    },
    "a table of dicts, as text": {
        "test_demo.py": f"{HEAD}MODELS = {{'03': dict(name='03_Small', path='small.pth', "
        "data_range=255.0)}\n"
        "def select_model(args, device):\n    chosen = MODELS.get(f'{args.model_id:02}')\n"
        "    return load(chosen), chosen['name'], chosen['data_range'], None\n",
    },
    "match": {
        "test_demo.py": f"{HEAD}def select_model(args, device):\n    match args.model_id:\n"
        f"      case 3:{BRANCH}    return model, name, data_range, None\n",
    },
}


def _repository(folder: Path, files: dict[str, str]) -> Path:
    root = folder / "NTIRE2031_ESR"
    for name, text in {"models/team00_small.py": SMALL, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "model_zoo").mkdir()
    state = {f"body.{name}": value for name, value in small_network().state_dict().items()}
    torch.save(state, root / "model_zoo" / "small.pth")
    return root


@pytest.mark.parametrize("files", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_read(tmp_path: Path, files: dict[str, str]) -> None:
    root = _repository(tmp_path, files)
    first = branches(root)[0]
    assert (first.model_id, first.name, first.data_range) == (3, "03_Small", 255.0)
    assert first.checkpoints == ("model_zoo/small.pth",)
    found = find(str(root), variant="3")
    assert (found.form, found.data_range) == ("ntire", 255.0)


PATHS = [
    "'/home/author/NTIRE/model_zoo/small.pth'",
    "os.path.join(ZOO, 'small.pth')",
    "'small.pth'",
    "'%s/%s.pth' % ('model_zoo', 'small')",
    "'model_zoo/' + 'small.pth'",
    "os.path.join(args.zoo, 'small.pth')",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_checkpoint_is_looked_for_by_its_name(tmp_path: Path, path: str) -> None:
    text = _select("args.model_id == 3").replace("os.path.join('model_zoo', 'small.pth')", path)
    root = _repository(tmp_path, {"test_demo.py": f"ZOO = '/home/author/zoo'\n{text}"})
    assert locate_weights(find(str(root), variant="3")) == root / "model_zoo" / "small.pth"


def test_an_id_that_only_the_function_knows(tmp_path: Path) -> None:
    """A table made by code: the ids cannot be read, and the one that is named runs."""
    text = (
        f"{HEAD}def select_model(args, device):\n    table = dict([(3, '/nowhere/small.pth')])\n"
        "    path = table[args.model_id]\n    if True:"
        + BRANCH.replace("os.path.join('model_zoo', 'small.pth')", "path")
        + "    return model, name, data_range, None\n"
    )
    root = _repository(tmp_path, {"test_demo.py": text})
    with pytest.raises(SubmissionError, match="--model-id N"):
        find(str(root))
    found = find(str(root), variant="3")
    assert (found.variant, found.data_range) == ("03", 1.0)
    with torch.inference_mode():
        x = torch.from_numpy(LR).permute(0, 3, 1, 2).float()
        expected = small_network()(x).numpy() / 255
    np.testing.assert_allclose(output(found), expected, atol=1e-5)


def test_args_are_the_script_s_own_by_their_defaults(tmp_path: Path) -> None:
    text = _select("args.model_id == 3").replace("'model_zoo'", "args.zoo") + (
        "if __name__ == '__main__':\n    parser = argparse.ArgumentParser()\n"
        "    parser.add_argument('-z', '--zoo', default='model_zoo')\n"
        "    parser.add_argument('--save-dir')\n"
        "    parser.add_argument('--ssim', action='store_true')\n"
        "    parser.add_argument('--model_id', default=0, type=int)\n"
    )
    root = _repository(tmp_path, {"test_demo.py": text})
    given = vars(arguments_of(root / "test_demo.py", 3))
    assert given == {"zoo": "model_zoo", "save_dir": None, "ssim": False, "model_id": 3}
    found = find(str(root), variant="3")
    assert output(found, locate_weights(found)).shape == (2, 3, 52, 68)
