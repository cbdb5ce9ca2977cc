"""Many shots: a table of renders, the store that queues them, and the workers that make them.

Reading order: shots (the SHOTS file), job, database and store (the queue), worker (one process), processes
(all of this machine), batch (all of it) with board (what is watched and written) and batch_report (what is
told), ray_cluster and ray_actor (the same on many machines), batch_page (what a person looks at).
"""
