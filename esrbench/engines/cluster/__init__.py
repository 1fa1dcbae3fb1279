"""Many machines: what travels to a node, the worker there, and the engine that uses Ray."""
