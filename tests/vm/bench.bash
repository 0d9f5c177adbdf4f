# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# "run bench", in the guest: mount.azfiles against Debian's mount.cifs; and with the
# name "throughput", what options do to the speed of a share.

for account in acct{1..5}; do
    credentials "/root/$account.cred" "$account"
done
mkdir -p "$MNT"
echo '@step bench'
if [[ ${names[0]:-} == throughput ]]; then
    # a network that is no loopback: there and back in 2 ms
    ip netns exec azure tc qdisc add dev cloud0 root netem delay 2ms
    # more than one connection for whoever wants it
    azure_files_conf 'interfaces = "10.77.0.11;capability=RSS,speed=10000000000"'
    within 20 mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    umount "$MNT"
    python3 "${tests:?}/throughput.py" "//$HOST1/share" "$MNT" "$CRED"
else
    python3 "${tests:?}/bench.py" "$MNT" "${CRED%/*}"
fi
echo 1..1
echo 'ok 1 measured'
