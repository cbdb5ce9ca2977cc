"""Render a preview, measure it, change one setting, compare: until the video is in sync.

Read in this order: `parameters` (what may be changed), `scoring` (what is wrong, and how much), `remedies`
(those of the guide, in its order), `search` (the loop), `preview` (the excerpt rendered in each round),
`preview_cache` (previews kept for an interrupted run), `trace` (the log of the search), `run` (the whole
job).
"""
