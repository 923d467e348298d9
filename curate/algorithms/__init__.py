"""Pure functions: no files, no network, no recipe."""
