"""Many shots: a table of renders, the store that queues them, and the workers that make them.

Reading order: shots (the SHOTS file), job and store (the queue), worker (one process), processes (all of this
machine), batch (all of it), ray_cluster (the same on many machines), batch_page (what a person looks at).
"""
