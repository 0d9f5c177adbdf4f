# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='fstab line with a stored key, mounted after each of two reboots'

before() {
    store_key acct1
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    azure_file acct1 share/file hello
}

after() {
    mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == hello ]]
    echo again >"$MNT/file"
    echo "# multi-user after $(boot_seconds) s"
}

after2() {
    mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == again ]]
    [[ $(mounts_at "$MNT") == 1 ]]
    echo "# multi-user after $(boot_seconds) s"
}
