"""Report: a run for people."""
