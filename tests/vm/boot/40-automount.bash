# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='automount line after a reboot: mounted at each first access, unmounted when idle'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev,noauto,x-systemd.automount,x-systemd.idle-timeout=10s 0 0"
    azure_file acct1 share/file hello
}

after() {
    local began
    systemctl --quiet is-active srv-share.automount
    [[ $(mounts_at "$MNT") == 0 ]]
    began=$EPOCHREALTIME
    [[ $(<"$MNT/file") == hello ]]
    echo "# first access took $(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) ms"
    [[ $(mounts_at "$MNT") == 1 ]]
    within 60 idle
    systemctl --quiet is-active srv-share.automount
    [[ $(<"$MNT/file") == hello ]]
    [[ $(mounts_at "$MNT") == 1 ]]
}

idle() { [[ $(mounts_at "$MNT") == 0 ]]; }
