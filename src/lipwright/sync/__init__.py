"""Measures how well a film's mouth goes with its sound.

Read it in this order: `people`, the faces of a film, each followed from frame to frame; `change`, how a
face's picture changes; `mouth`, what a followed mouth does; `expectation` and `alignment`, what it
should do by the sound, and by the words where they are known; `offset`, the correlation of the two at
every lag; `timing`, the offset with its interval, windows and drift; `speaker`, who of several people
speaks; `quality`, stiffness and jumps; `repeats`, repeated frames; `sound`, what became of the sound;
`verdict`, what all of it comes to; `causes`, why, in the guide's own order; `page`, all of it as one
HTML file.
"""
