"""The studio's page: Start, Make, Judge and Keep, on Gradio.

The page has no state of jobs: it submits them, and asks the service for their progress, so that it can be
closed, reloaded and opened twice. `mounting` serves what `layout` puts together.
"""
