"""Benchmarks: each is run by ``python -m benchmarks.NAME``, compares in one run and ends with a line of JSON."""
