"""What each metric and cost is, once: key, heading, unit, digits, direction, how it is read.

``metrics.py`` has a row for every quality metric, ``costs.py`` for everything a network costs.
Tables, plots, pages, exports, formulas and protocols read them; nothing is named a second time.
"""
