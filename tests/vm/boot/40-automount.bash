# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='automount line: mounted at the first access after a reboot'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev,noauto,x-systemd.automount 0 0"
    azure_file acct1 share/file hello
}

after() {
    [[ $(mounts_at "$MNT") == 0 ]]
    [[ $(<"$MNT/file") == hello ]]
    [[ $(mounts_at "$MNT") == 1 ]]
}
