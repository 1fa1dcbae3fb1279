"""Printed figures, drawn by matplotlib."""

from esrbench.report.plots.matplotlib_folder import settle

settle()
