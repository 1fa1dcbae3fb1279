"""A whole challenge: rules and teams in one file, entries, where it stands, its two reports."""
