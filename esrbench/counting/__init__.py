"""Counts: params, MACs by two counters, activations, convolutions, peak memory."""
