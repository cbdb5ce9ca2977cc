"""Make a video in which several people speak one recording, for `lipwright dialogue`.

- request   the request, and checks before any work is done
- cast      images, turns and voices of all speakers
- run       the frames of each layout, the video and its manifest
"""
