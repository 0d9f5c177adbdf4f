# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='50 identity lines of 5 accounts after a reboot: one token, five tickets'

before() {
    local n target
    for n in {0..49}; do
        target=/srv/many/$n
        mkdir -p "$target"
        fstab "//acct$((n % 5 + 1)).file.core.windows.net/share$((n / 5 + 1)) $target azfiles identity=system,_netdev,nofail 0 0"
    done
}

after() {
    local n
    for n in {0..49}; do
        within 60 mounted "/srv/many/$n" sec=krb5
    done
    [[ $(cloud_requests imds) == 1 ]]
    [[ $(cloud_requests storage) == 5 ]]
    echo "# multi-user after $(boot_seconds) s"
}
