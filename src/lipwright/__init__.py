"""A portrait and a voice become a lip-synced film."""

from __future__ import annotations

__version__ = "0.1.0"
