"""Clients: the only code that talks to servers: those of language models, and Label Studio."""
