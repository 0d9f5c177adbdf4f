# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='file service 20 s late, nofail: the boot goes on, the mount follows'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev,nofail 0 0"
    next_boot_files_late 20
}

after() {
    local seconds mounted
    within 60 mounted "$MNT"
    echo "# multi-user after $(boot_seconds) s, mounted after $(unit_seconds srv-share.mount) s"
    seconds=$(boot_seconds) mounted=$(unit_seconds srv-share.mount)
    (( ${seconds/./} < ${mounted/./} ))
}
