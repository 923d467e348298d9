"""Label Studio: a server of one's own on this machine, and what review asks of a server.

``api`` talks to a server, ``serve`` runs one, ``accounts`` makes the accounts of those who annotate.
"""
