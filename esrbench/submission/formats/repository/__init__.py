"""A research repository as its authors published it: a network file, an option file, a checkpoint.

Forks of BasicSR (``basicsr.py``), KAIR and the older BasicSR (``define_g.py``) and EDSR-PyTorch
(``edsr.py``). The judge reads options as YAML or JSON and Python as syntax, and imports nothing;
what ends in ``_load`` and what it imports runs in the runner.
"""
