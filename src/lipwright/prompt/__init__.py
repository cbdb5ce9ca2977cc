"""What a prompt may say, since the audio alone decides what happens when.

`lint` finds what breaks a rule, `fix` takes it out, and `compose` builds prompts. `text` makes words and
clauses of a prompt, with the classes of `vocabulary`; `movement`, `quoted_speech` and `rules` judge them.
"""
