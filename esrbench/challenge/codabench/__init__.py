"""A challenge as a Codabench competition: the bundle, its check, and the program that scores."""
