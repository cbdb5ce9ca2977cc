"""Prompts: they may describe appearance and mood, but not timing, which comes from the audio.

`lint` finds words that break a rule, `fix` removes them, and `compose` builds prompts. `clauses` splits a
prompt into clauses and words with the word classes of `vocabulary`; `movement`, `quoted_speech` and `rules`
find those that break a rule.
"""
