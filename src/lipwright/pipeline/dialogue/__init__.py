"""Several people speak one recording: `lipwright dialogue`.

- request   the request, and checks before any work is done
- cast      the images, turns and voices of everybody
- run       the frames of each layout, the video and its manifest
"""
