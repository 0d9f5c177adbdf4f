# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='file service 20 s late: the boot waits and mounts'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    next_boot_files_late 20
}

after() {
    mounted "$MNT"
    echo "# mounted after $(unit_seconds srv-share.mount) s, multi-user after $(boot_seconds) s"
}
