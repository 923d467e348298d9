"""Structured fields: a value as people write it, and its one normal form. Pure functions over columns, one kind a file.

Each reads every different value once and gives null where it cannot read one: nothing is guessed. A normal form is
read as itself.
"""
