"""Batches: the table of renders, the store that queues them, and the workers that make them.

Read the modules in this order: shots_file (the SHOTS file), job, database and store (the queue), worker (one
process), processes (the workers of this machine), batch (the whole run) with board (its state and files) and
batch_report (its results), ray_cluster and ray_actor (workers on many machines), batch_page (the HTML page).
"""
