"""Clients: the only code that talks to a language model's server."""
