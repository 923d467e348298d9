"""Tests. Of several workers each keeps to one core: Polars makes its threads when it is first imported."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
