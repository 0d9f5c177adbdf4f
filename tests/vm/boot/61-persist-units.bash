# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='units of azfilesctl persist: a mount and an automount after a reboot'

before() {
    store_key acct1
    store_key acct2
    mkdir -p "$MNT" /srv/later
    azfilesctl persist "//$HOST1/share" "$MNT" --units --required
    azfilesctl persist "//$HOST2/share" /srv/later --units --automount
    azure_file acct1 share/file hello
    azure_file acct2 share/file later
}

after() {
    mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == hello ]]
    [[ $(mounts_at /srv/later) == 0 ]]
    [[ $(</srv/later/file) == later ]]
    mounted /srv/later username=acct2
    # the boot had no cycle to break
    local said
    said=$(journalctl --boot --no-pager --grep='ordering cycle' || true)
    [[ $said != *'ordering cycle'* ]]
    azfilesctl unpersist "$MNT" --now
    azfilesctl unpersist /srv/later --now
    rmdir /srv/later
}
