"""Tune settings: render a preview, measure it, change one setting and compare, until a preview is in sync.

Read the modules in this order: `parameters` (what may be changed), `scoring` (problems and their extent),
`remedies` (the changes to try for each problem), `search` (the loop), `preview` (the excerpt rendered in each
round), `preview_cache` (previews kept for an interrupted run), `trace` (the log of the search), `run` (the
whole job).
"""
