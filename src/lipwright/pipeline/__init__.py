"""Complete jobs, from paths and options to finished files.

Each command and each route of the HTTP API calls one function of this package.
"""
