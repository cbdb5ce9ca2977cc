"""What a prompt may say, since the audio alone decides what happens when.

text           words with their base forms, and clauses
vocabulary     the word classes and phrases of vocabulary.toml
movement, quoted_speech, rules
               where a prompt breaks a rule
findings       what the rules report
lint           a prompt -> findings
fix            a prompt -> the same without the offending words
compose        a scenario and a few words -> a prompt that lints clean
"""
