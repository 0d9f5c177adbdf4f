# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='nofail lines, file service 30 s late: the boot does not wait, a mount fails or follows'

before() {
    store_key acct1
    mkdir -p "$MNT" /srv/once
    fstab "//$HOST1/share $MNT azfiles _netdev,nofail 0 0"
    fstab "//$HOST1/share /srv/once azfiles _netdev,nofail,retry=5 0 0"
    next_boot_files_late 30
}

after() {
    local boot failed mounted
    # The one gives up by itself, in time, and says why; the other goes on.
    within 60 systemctl --quiet is-failed srv-once.mount
    journalctl --boot --unit srv-once.mount |
        grep -F "mount.azfiles: //$HOST1/share: nothing listens on TCP port 445 of $HOST1"
    within 90 mounted "$MNT"
    boot=$(boot_seconds) failed=$(unit_seconds srv-once.mount) mounted=$(unit_seconds srv-share.mount)
    echo "# multi-user after $boot s, gave up after $failed s, mounted after $mounted s"
    (( ${boot/./} < ${mounted/./} && ${failed/./} < ${mounted/./} ))
}
