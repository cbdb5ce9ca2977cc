"""Batches: a table of videos to make, the store that queues them as jobs, and the workers that run the jobs.

Reading order: shots_file (reads the table), job, database and job_store (the queue), worker (runs jobs in one
process), processes (the workers of this machine), batch (the whole run), board (the state of its rows),
batch_report (its results), batch_page (the HTML page), ray_cluster and ray_actor (workers on many machines).
"""
