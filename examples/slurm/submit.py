"""One Slurm job a submission, from Python: pip install submitit."""

import sys
from functools import partial

import submitit

from esrbench import score

executor = submitit.AutoExecutor(folder="esrbench-jobs")
executor.update_parameters(timeout_min=60, cpus_per_task=8, slurm_array_parallelism=8)
measure = partial(score, protocol="classic", results="results")
for job in executor.map_array(measure, sys.argv[1:]):
    print(job.result().label, job.result().status)
