# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='network 15 s late: the mount waits for it'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    next_boot_net_late 15
}

after() {
    mounted "$MNT"
    echo "# mounted after $(unit_seconds srv-share.mount) s"
}
