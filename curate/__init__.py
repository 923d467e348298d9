"""curate: clean, deduplicate, split and pair Chinese business data for training and retrieval."""

__version__ = "0.1.0"
