"""The studio: one service over the job store, and its two faces, the page and the HTTP API.

Reading order: service (what both faces call), studio_job (what they show), work (what the workers do),
background (workers and webhooks while the server runs), api, server, page.
"""
