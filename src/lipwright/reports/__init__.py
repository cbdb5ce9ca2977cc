"""HTML reports, each one file without scripts or network access; `templates` holds their HTML and style."""
