"""The studio: one service over the job store, with two interfaces, the page and the HTTP API.

Reading order: service (called by both interfaces), studio_job (the jobs that they show), worker (what the
workers do), background (workers and webhooks while the server runs), api, server, page.
"""
