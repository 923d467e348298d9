"""What the columns of ``normalize_fields`` may hold: the options of each kind."""
