"""Figures that others printed, of systems that were not measured here."""
