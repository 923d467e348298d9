"""Benchmarks: each is run by ``python -m benchmarks.NAME``, compares in one run and ends with a line of JSON."""

import os
import tempfile
from pathlib import Path

# Benchmarks keep their workspaces in temporary folders, and read the real corpora where they stand.
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
os.environ.setdefault("CURATE_DATA_ROOTS", os.pathsep.join([tempfile.gettempdir(), str(_SHARED)]))
