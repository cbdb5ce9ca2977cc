"""The studio's page, built with Gradio; its parts are Start, Make, Judge and Keep.

The page does not store jobs: it submits them to the service and asks the service for their progress. So it
can be closed, reloaded and opened twice. `layout` builds the page, and `mounting` serves it.
"""
