# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='network 60 s late: mounted; another server is down: the boot ends without it'

# No option but _netdev: the helper's own patience, and systemd's.
before() {
    store_key acct1
    store_key acct2
    mkdir -p "$MNT" /srv/down
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    fstab "//$HOST2/share /srv/down azfiles _netdev,ip=$ADDR_SILENT 0 0"
    next_boot_net_late 60
}

after() {
    local seconds
    mounted "$MNT"
    seconds=$(network_seconds srv-share.mount)
    echo "# mounted $seconds s after network-online.target; the other one given up, and multi-user reached, after $(network_seconds multi-user.target) s"
    (( ${seconds%.*} >= 60 ))
    [[ $(mounts_at /srv/down) == 0 ]]
    systemctl --quiet is-active multi-user.target
    [[ $(systemctl show --value --property=ActiveState remote-fs.target) == inactive ]]
    # By itself, not by systemd's patience.
    [[ $(systemctl show --value --property=Result srv-down.mount) == exit-code ]]
    journalctl --boot --unit srv-down.mount |
        grep -F "mount.azfiles: //$HOST2/share: TCP port 445 of $HOST2 ($ADDR_SILENT) does not answer: a firewall drops it. "
}
