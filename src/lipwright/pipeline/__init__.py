"""Whole jobs: from paths and wishes to finished files. The faces call one function here."""
