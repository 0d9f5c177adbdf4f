# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='fstab lines with stored keys, one and 50 of 5 accounts, mounted after each of two reboots'

before() {
    local n
    for n in {1..5}; do
        store_key "acct$n"
    done
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    fifty_lines _netdev
    azure_file acct1 share/file hello
}

after() {
    mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == hello ]]
    echo again >"$MNT/file"
    fifty_mounted username=acct.
}

after2() {
    mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == again ]]
    [[ $(mounts_at "$MNT") == 1 ]]
    fifty_mounted username=acct.
}
