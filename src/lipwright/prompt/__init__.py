"""Prompts: they may describe appearance and mood, but not timing, which comes from the audio.

`lint` finds words that break a rule, `fix` removes them, and `compose` builds prompts. `clauses` splits a
prompt into clauses and words, and `vocabulary` assigns the words to classes. `movement`, `quoted_speech` and
`rules` find the words that break a rule.
"""
