"""Measures how well a video's mouth goes with its audio.

Read it in this order: `people`, the faces of a video, each followed from frame to frame; `change`, how a
face's image changes; `mouth`, what a followed mouth does; `expectation` and `alignment`, what it
should do by the audio, and by the words where they are known; `offset`, the correlation of the two at
every lag; `timing`, the offset with its interval, windows and drift; `speaker`, who of several people
speaks; `quality`, stiffness and jumps; `repeats`, repeated frames; `audio`, what became of the audio;
`verdict`, what all of it comes to; `causes`, why, in the guide's own order; `page`, all of it as one
HTML file.
"""
