"""Run many submissions: what is to be done, by whom, and in which order."""
