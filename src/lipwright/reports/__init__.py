"""HTML reports, each one file without network access; `templates` holds their HTML and style."""
