# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='the server is gone and files are open at shutdown: all is unmounted, the machine reboots in time'

began=/var/lib/azf-test/shutdown-began
journal=/etc/systemd/journald.conf.d/keep.conf

before() {
    store_key acct1
    mkdir -p "$MNT" /srv/idle /srv/auto
    fstab "//$HOST1/share $MNT azfiles _netdev 0 0"
    fstab "//$HOST1/share1 /srv/idle azfiles _netdev 0 0"
    fstab "//$HOST1/share2 /srv/auto azfiles _netdev,noauto,x-systemd.automount 0 0"
    printf '[Journal]\nStorage=persistent\n' >"$journal"
    mkdir -p /var/log/journal
    systemctl restart systemd-journald.service
    journalctl --flush
    systemctl daemon-reload
    systemctl start srv-share.mount srv-idle.mount srv-auto.automount
    ls /srv/auto
    mounted "$MNT"
    mounted /srv/idle
    mounted /srv/auto
    # What nobody has ordered behind the mounts: a program that writes, and a shell.
    systemd-run --quiet --unit=azf-writer --working-directory="$MNT" \
        bash -c 'exec 3>open; while :; do echo line >&3; sleep 0.1; done'
    systemd-run --quiet --unit=azf-shell --working-directory=/srv/auto --property=SendSIGHUP=yes \
        bash -c 'trap "" TERM; while :; do sleep 1; done'
    within 20 test -s "$MNT/open"
    # As if it were switched off: no last word when its processes end.
    ip netns exec azure nft 'add chain inet azure in { type filter hook input priority filter ; policy drop ; }'
    ip netns exec azure nft 'add chain inet azure out { type filter hook output priority filter ; policy drop ; }'
    sleep 2
    date +%s >"$began"
}

after() {
    local seconds log
    seconds=$(($(awk '$1 == "btime" { print $2 }' /proc/stat) - $(<"$began")))
    log=$(journalctl --boot=-1 --no-pager --output=short-monotonic)
    rm -r "$began" "$journal" /var/log/journal
    systemctl restart systemd-journald.service
    echo "# from the word to reboot to the new kernel: $seconds s"
    grep -E 'systemd\[1\]: .*(srv-|azf-|network.*target)|has not responded' <<<"$log"
    # Three echo intervals, ten seconds for reconnecting; the rest is the slow machine.
    (( seconds < 120 ))
    [[ $log != *'Failed unmounting'* && $log != *'nmounting timed out'* ]]
    # The network was left there for them.
    [[ $log == *'Unmounted srv-share.mount'*'Stopped target network.target'* ]]
    [[ $log == *'Unmounted srv-idle.mount'*'Stopped target network.target'* ]]
    [[ $log == *'Unmounted srv-auto.mount'*'Stopped target network.target'* ]]
    mounted "$MNT"
    mounted /srv/idle
}
