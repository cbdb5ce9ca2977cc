"""Make a video of several people who speak in turns in one recording, for `lipwright dialogue`.

- request   the request, and checks before any work is done
- cast      images, turns and voices of all speakers
- run       the frames of each layout, the video and its manifest
"""
