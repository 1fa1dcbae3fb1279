"""Packages that networks import: what pip calls them, and which a forward has no use for."""

from __future__ import annotations

from collections.abc import Iterable

PIP_NAMES = {
    "PIL": "pillow",
    "causal_conv1d": "causal-conv1d",
    "cupy": "cupy-cuda12x",
    "cv2": "opencv-python-headless",
    "flash_attn": "flash-attn",
    "mamba_ssm": "mamba-ssm",
    "pytorch_lightning": "pytorch-lightning",
    "pytorch_wavelets": "pytorch-wavelets",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "torch_dct": "torch-dct",
    "yaml": "pyyaml",
}
"""What pip calls a package that is imported under another name."""

WITH_NTIRE = frozenset({"einops", "timm", "cv2"})
"""What comes with the extra ``ntire`` (pyproject.toml)."""


def pip_line(packages: Iterable[str]) -> str:
    """How to install packages, given as they are imported; an extra of esrbench where one has them.

    >>> pip_line(["timm", "mamba_ssm", "einops"])
    "pip install 'esrbench[ntire]' mamba-ssm"
    """
    wanted = sorted(set(packages))
    named = [PIP_NAMES.get(name, name) for name in wanted if name not in WITH_NTIRE]
    extra = ["'esrbench[ntire]'"] if len(named) < len(wanted) else []
    return " ".join(["pip install", *extra, *named])


TOOLS = {
    "IPython", "accelerate", "apex", "calflops", "cv2", "deepspeed", "fairscale", "fvcore", "h5py",
    "imageio", "ipdb", "lmdb", "lpips", "matplotlib", "pandas", "prettytable", "pthflops",
    "ptflops", "pyiqa", "seaborn", "skimage", "tensorboard", "tensorboardX", "thop", "torchinfo",
    "torchmetrics", "torchscan", "torchstat", "torchsummary", "torchsummaryX", "torchviz", "tqdm",
    "wandb",
}  # fmt: skip
"""What authors train, measure, draw and log with and leave imported in a network's file: where one
is not installed, its names are there and raise when they are used. So does any other package whose
names the file never uses (``packages.py``)."""
