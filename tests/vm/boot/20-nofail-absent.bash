# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='nofail line, no file service: the boot does not wait'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev,nofail,retry=20 0 0"
    next_boot_files_absent
}

after() {
    [[ $(mounts_at "$MNT") == 0 ]]
    # It gives up by itself, in time, and says why.
    within 60 systemctl --quiet is-failed srv-share.mount
    echo "# multi-user after $(boot_seconds) s, gave up after $(unit_seconds srv-share.mount) s"
    earlier "$(boot_seconds)" "$(unit_seconds srv-share.mount)"
    journalctl --boot --unit srv-share.mount | grep -F "mount.azfiles: //$HOST1/share: "
}

# Seconds with one decimal place each.
earlier() { (( ${1/./} < ${2/./} )); }
