"""Complete jobs, from paths and options to finished files.

Each command and API route calls one function here.
"""
