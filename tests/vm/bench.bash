# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# "run bench", in the guest: mount.azfiles against Debian's mount.cifs.

credentials "$CRED" acct1
mkdir -p "$MNT"
echo '@step bench'
python3 "${tests:?}/bench.py" "//$HOST1/share" "$MNT" "$CRED"
