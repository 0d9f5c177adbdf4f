# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='file service 20 s and name server 30 s late: the boot waits and mounts'

before() {
    store_key acct1
    store_key acct2
    mkdir -p "$MNT" /srv/known
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    fstab "//$HOST2/share /srv/known azfiles _netdev,ip=10.77.0.12 0 0"
    next_boot_files_late 20
    next_boot_dns_late 30
}

after() {
    local known named
    mounted /srv/known
    mounted "$MNT"
    known=$(network_seconds srv-known.mount) named=$(network_seconds srv-share.mount)
    echo "# mounted after $known s with an address, after $named s with a name, multi-user after $(boot_seconds) s"
    (( ${known%.*} >= 20 && ${named%.*} >= 30 ))
    journalctl --boot --unit srv-share.mount |
        grep -F "//$HOST1/share: no DNS server answers the question for $HOST1; trying again for 75 seconds"
}
