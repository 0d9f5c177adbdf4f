# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='lines without _netdev: mounted at boot, by any path, nested, and by automount'

strange='/srv/über 100% a, b'
service=/etc/systemd/system/azf-test-reader.service

before() {
    local target
    store_key acct1
    store_key acct2
    for target in "$MNT" "$strange" /srv/optional /srv/network /srv/auto /srv/identity; do
        mkdir -p "$target"
    done
    azure_file acct1 share/file hello
    azure_file acct1 share/nested/covered x
    azure_file acct1 "share1/ü a, b/file" strange
    azure_file acct2 share/file other
    fstab 'broken'
    fstab "//$HOST1/share $MNT azfiles defaults 0 0"
    fstab "//$HOST2/share $MNT/nested azfiles ro 0 0"
    fstab "//$HOST1/share1/ü\\040a,\\040b ${strange// /\\040} azfiles retry=100 0 0"
    fstab "//$HOST2/share /srv/optional azfiles nofail,x-systemd.requires-mounts-for=$MNT 0 0"
    fstab "//$HOST1/share $MNT azfiles nofail 0 0"
    fstab "//$HOST2/share /srv/network azfiles _netdev,nofail 0 0"
    fstab "//$HOST1/share /srv/identity azfiles identity=system,nofail 0 0"
    fstab "//$HOST1/share /srv/auto azfiles x-systemd.automount,x-systemd.idle-timeout=5s 0 0"
    printf '%s\n' '[Unit]' "RequiresMountsFor=$MNT/nested" '[Service]' Type=oneshot \
        RemainAfterExit=yes "ExecStart=/bin/sh -c 'cat $MNT/file $MNT/nested/file >/run/azf-test-read'" \
        >"$service"
    mkdir -p /etc/systemd/system/multi-user.target.wants
    ln -s "$service" /etc/systemd/system/multi-user.target.wants/
}

after() {
    local early=/run/systemd/generator.early
    rm "$service" /etc/systemd/system/multi-user.target.wants/azf-test-reader.service
    mounted "$MNT" rw username=acct1
    mounted "$MNT/nested" ro username=acct2
    mounted "$strange"
    [[ $(<"$strange/file") == strange ]]
    within 60 mounted /srv/optional
    within 60 mounted /srv/network
    within 60 mounted /srv/identity sec=krb5
    within 60 systemctl --quiet is-active azf-test-reader.service ||
        { systemctl status --no-pager azf-test-reader.service; false; }
    [[ $(</run/azf-test-read) == $'hello\nother' ]]
    automount_line

    # nothing of it belongs to the local file systems, and all is in order
    [[ $(systemctl show --property=Requires --property=Wants local-fs.target) != *srv* ]]
    systemctl show --property=Requires remote-fs.target | grep -F srv-share.mount
    journalctl --boot --no-pager >/run/azf-test/journal
    [[ $(grep -c 'ordering cycle' /run/azf-test/journal || true) == 0 ]]
    systemctl --quiet is-active local-fs.target remote-fs.target
    systemd-analyze verify --man=no "$early"/*.mount "$early"/*.automount 2>&1 | tee /run/azf-test/verify
    [[ ! -s /run/azf-test/verify ]]
    timeouts
    remarks
    echo "# multi-user after $(boot_seconds) s"
}

# The generator's, of this boot and of no other line.
remarks() {
    journalctl --boot --no-pager --output=cat --identifier=azfiles-generator | sort -u |
        tee /run/azf-test/said
    grep -q '^/etc/fstab: line [0-9]* cannot be read' /run/azf-test/said
    grep -q "^/etc/fstab: the line for $MNT is left out: an earlier line" /run/azf-test/said
    [[ $(wc -l </run/azf-test/said) == 2 ]]
}

automount_line() {
    systemctl --quiet is-active srv-auto.automount
    [[ $(mounts_at /srv/auto) == 0 ]]
    [[ $(</srv/auto/file) == hello ]]
    mounted /srv/auto
    within 90 unmounted srv-auto.mount
    [[ $(</srv/auto/file) == hello ]]
}

# Does not look at the mount point, which would be in use then.
unmounted() { [[ $(systemctl show --value --property=ActiveState "$1") == inactive ]]; }

# With a drop-in and in a whole unit: the retries, and time for the last of them.
timeouts() {
    local unit
    unit=$(systemd-escape --path --suffix=mount "$strange")
    [[ $(systemctl show --value --property=TimeoutUSec "$unit") == '3min 10s' ]]
    for unit in srv-network.mount srv-share.mount; do
        [[ $(systemctl show --value --property=TimeoutUSec "$unit") == '2min 45s' ]]
    done
    systemctl show --property=Wants srv-identity.mount | grep -F azfiles-refresh.timer
}
