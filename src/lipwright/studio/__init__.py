"""The studio: one service over the job store, with two interfaces, the page and the HTTP API.

Reading order: service (called by both interfaces), job (a job as both show it), worker (runs a job),
background (what runs alongside the server), api, guard and storage (who may send what), server, page.
"""
