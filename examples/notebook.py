# %% [markdown]
# # esrbench in a notebook
#
# Each `# %%` starts a cell: VS Code, Spyder and `jupytext --to notebook` open this file as a
# notebook. It runs offline, on the photographs that come with scikit-image, in about a minute.

# %%
import tempfile

import numpy as np
import torch
from torch import nn

import esrbench

# %% [markdown]
# ## Figures of two images
# The same code that makes the leaderboard: Y of BT.601 unrounded, crop border, 8 bits.

# %%
rng = np.random.default_rng(0)
hr = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
sr = np.clip(hr.astype(int) + rng.integers(-2, 3, hr.shape), 0, 255).astype(np.uint8)
print("PSNR", esrbench.psnr(sr, hr, crop=4), "SSIM", esrbench.ssim(sr, hr, crop=4))


# %% [markdown]
# ## A network of one's own
# What a training loop asks for, then what it costs.


# %%
class Tiny(nn.Module):
    """One convolution and a pixel shuffle, over nearest neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3 * 4**2, 3, padding=1)
        nn.init.zeros_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)
        self.shuffle = nn.PixelShuffle(4)

    def forward(self, lr: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) in [0, 1] to (N, 3, 4H, 4W)."""
        return self.shuffle(self.conv(lr) + lr.repeat_interleave(16, dim=1))


model = Tiny()
print(esrbench.evaluate(model, scale=4, datasets=["skimage8"], metrics=["psnr_y"]))
counts = esrbench.complexity(model, (1, 3, 64, 64))
print(counts.params, "params,", counts.macs_fvcore, "MACs")

# %% [markdown]
# ## A record, as the leaderboard keeps it
# The module's exported graph is measured in a process of its own. `timing=True` times it, too.

# %%
results = (
    tempfile.mkdtemp()
)  # a folder of yours: what was measured stays, and is not measured again
record = esrbench.score(model, scale=4, device="cpu", timing=False, results=results)
record

# %% [markdown]
# ## Beside a published network
# By name, with the weights that come with esrbench. It is a module like any other.

# %%
ecbsr = esrbench.load_model("ecbsr/m4c16", scale=4)
print(esrbench.evaluate(ecbsr, scale=4, datasets=["skimage8"], metrics=["psnr_y"]))
esrbench.score("ecbsr/m4c16", scale=4, device="cpu", timing=False, results=results)
records = esrbench.load_results(results)
frame = esrbench.table(records)
print(frame[["rank", "submission", "params", "macs", "skimage8.psnr_y"]])
esrbench.plot(records, x="macs", y="psnr")

# %% [markdown]
# `esrbench.compare("ecbsr/m4c16", model, scale=4)` says which is faster and how sure that is. It
# takes the device for itself, and waits where another measurement has it.

# %% [markdown]
# ## What goes wrong says so

# %%
try:
    esrbench.load_model("ecbrs")
except esrbench.EsrbenchError as why:
    print(why)
print(esrbench.METRICS["ssim_y"].description)
