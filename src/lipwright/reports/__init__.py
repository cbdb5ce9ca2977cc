"""HTML reports, each a single file that needs no network; `templates` contains their HTML and styles."""
