"""Engines map a function over shards; nothing else knows which one runs."""
