"""What a prompt may say, since the sound alone decides what happens when.

    phrases      a small notation for word patterns: inflections, whole words
    vocabulary   the words of each rule, and what only looks like them
    rules        the rules: name, severity, advice, words
    lint         a prompt -> findings
    fix          a prompt -> the same without the offending words
    compose      a scenario and a few words -> a prompt that lints clean

Plain tables and regular expressions: no language model, nothing to load.
"""
