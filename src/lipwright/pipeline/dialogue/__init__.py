"""Several people speak one recording: `lipwright dialogue`.

- request   what is asked for, and what can be refused before any work
- cast      the images, turns and voices of everybody
- run       the frames of each layout, the video and its manifest
"""
