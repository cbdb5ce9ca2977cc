"""The studio: one service over the job store, with two interfaces, the page and the HTTP API.

Reading order: service (called by both interfaces), job_view (a job as both interfaces show it), run_job (runs
a job), background (runs the workers), api (the HTTP API), guard (access control), storage (disk space),
server (starts everything), page.
"""
