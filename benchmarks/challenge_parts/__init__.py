"""What ``benchmarks/challenge.py`` measures, and how."""
