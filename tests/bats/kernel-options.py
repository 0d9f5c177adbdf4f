# SPDX-License-Identifier: MIT
"""Whether the kernel's cifs finds these options in the data of mount(2).

usage: kernel-options.py [NAME=VALUE | -NAME]... <DATA

-NAME must not be among them. The data is split as smb3_fs_context_parse_monolithic()
does it: at commas, of which two are one that belongs to the value; an empty word at
the start of what is left ends it.
"""
import sys

data = sys.stdin.read().rstrip("\n")
if len(data.encode()) > 4095:
    sys.exit("mount(2) takes 4095 bytes")
options = []
while data:
    word = ""
    while data:
        if data.startswith(",,"):
            word, data = word + ",", data[2:]
        elif data[0] == ",":
            data = data[1:]
            break
        else:
            word, data = word + data[0], data[1:]
    if not word:
        sys.exit("here the kernel stops: an empty word")
    options.append(word)
for wanted in sys.argv[1:]:
    name = wanted.lstrip("-").split("=", 1)[0]
    found = [o for o in options if o.split("=", 1)[0] == name]
    if found != ([] if wanted[0] == "-" else [wanted]):
        sys.exit("%s: %r" % (wanted, found))
