"""Render, measure, change one thing, compare: until the video is in sync.

Read in this order: `parameters` (what may be changed), `judge` (what is wrong, and how
much), `rules` (the guide's answers, in its order), `search` (the loop), `preview` (the
seconds that are rendered again and again), `store` (previews kept for an interrupted
run), `trace` (the story for people), `video` (the whole job).
"""
