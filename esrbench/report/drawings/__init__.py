"""Plots as SVG inside the pages: read without JavaScript, offline, on a phone and on paper.

Colours come from the page's style sheet, so that they follow light, dark and print.
"""
