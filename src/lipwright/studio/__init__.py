"""The studio: one service over the job store, with two interfaces, the page and the HTTP API.

Reading order: service (called by both interfaces), job (what they show), worker (what the workers do),
background (what runs alongside the server), api, guard and storage (who may send what), server, page.
"""
