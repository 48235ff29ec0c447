# SPDX-License-Identifier: MIT
# Turns a JSON file, its line ends and indents taken out, into the numbers of a C array:
# cmake -DINPUT=... -DOUTPUT=... -P Embed.cmake
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "\\1 " bytes "${bytes}")
string(REGEX REPLACE "0a (20 )*" "" bytes "${bytes}")
string(REPLACE " " "" bytes "${bytes}")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)"
    "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "${bytes}\n")
