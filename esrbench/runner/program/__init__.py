"""A network as data: what a runner exports, and what a process without its code makes of it."""
