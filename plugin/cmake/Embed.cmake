# SPDX-License-Identifier: MIT
# Turns a file into the numbers of a C array: cmake -DINPUT=... -DOUTPUT=... -P Embed.cmake
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
    "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "${bytes}\n")
