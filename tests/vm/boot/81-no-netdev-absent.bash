# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='lines without _netdev, no file service: no emergency, and mounted later'

before() {
    store_key acct1
    mkdir -p "$MNT" /srv/auto
    fstab "//$HOST1/share $MNT azfiles retry=5 0 0"
    fstab "//$HOST1/share /srv/auto azfiles x-systemd.automount,retry=1 0 0"
    azure_file acct1 share/file hello
    next_boot_files_absent
}

after() {
    systemctl --quiet is-failed srv-share.mount
    systemctl --quiet is-active local-fs.target multi-user.target
    # nor by hand
    fails systemctl restart srv-share.mount
    fails ls /srv/auto/
    fails systemctl --quiet is-active emergency.target
    systemctl --quiet is-active local-fs.target
    echo "# multi-user after $(boot_seconds) s"

    rm /etc/azf-test/files-absent
    azure_files start
    within 30 listening
    systemctl reset-failed
    systemctl start remote-fs.target
    mounted "$MNT"
    [[ $(</srv/auto/file) == hello ]]
}

fails() { if "$@"; then return 1; fi; }

listening() { (: >"/dev/tcp/$HOST1/445") 2>/dev/null; }
