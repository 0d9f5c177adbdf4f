# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What "run demo" shows, in the guest: a share from a line in fstab, used, and
# there again after a reboot.

mark=/var/lib/azf-test/demo-rebooted
log=/run/azf-test/demo.log
declare -F boot_seconds >/dev/null    # lib.bash is loaded by the runner

title() { printf '\n%s\n' "$1"; echo "@step $1"; }

# show COMMAND...: as a person would type it, and what it prints.
show() {
    printf '  # %s\n' "$*"
    "$@" 2>&1 | sed 's/^/  /'
}

# How long a command takes, in the guest's own seconds.
timed() {
    local began=$EPOCHREALTIME us
    show "$@"
    us=$((${EPOCHREALTIME/./} - ${began/./}))
    printf '  (%d.%02d s)\n' $((us / 1000000)) $((us / 10000 % 100))
}

demo_result() {
    local number=$1 what=$2
    if mounted "$MNT" >"$log"; then echo "ok $number $what"; else
        echo "not ok $number $what"
        evidence | cat "$log" - | sed 's/^/# /'
    fi
}

demo_first() {
    evidence_begin demo
    title 'The storage account key is stored once, for root only:'
    store_key acct1
    show ls -l /etc/azfiles/keys/acct1.cred
    title 'One line in /etc/fstab:'
    mkdir -p "$MNT"
    fstab "//$HOST1/share  $MNT  azfiles  _netdev,nofail  0 0"
    show grep azfiles /etc/fstab
    title 'Mounted:'
    timed mount "$MNT"
    demo_result 1 'the share is mounted from its fstab line'
    show findmnt --output SOURCE,TARGET,FSTYPE "$MNT"
    title 'Written, linked and read:'
    echo 'hello, cloud' >"$MNT/hello"
    show ln -s hello "$MNT/link"
    timed dd if=/dev/zero of="$MNT/data" bs=1M count=16 status=none conv=fsync
    echo 3 >/proc/sys/vm/drop_caches
    timed cp "$MNT/data" /dev/null
    show cat "$MNT/link"
    show ls -l "$MNT"
    title 'Reboot:'
    touch "$mark"
    sync
    echo '@reboot'
    systemctl reboot
    sleep infinity
}

demo_again() {
    evidence_begin demo
    rm "$mark"
    title 'Mounted again, by nobody:'
    within 60 mounted "$MNT" >"$log" || true
    demo_result 2 'the share is mounted again after a reboot'
    printf '  the share was there %s s after the kernel started, multi-user.target after %s s\n' \
        "$(unit_seconds srv-share.mount)" "$(boot_seconds)"
    show findmnt --output SOURCE,TARGET,FSTYPE "$MNT"
    show ls -l "$MNT"
    show cat "$MNT/link"
    echo
}

if [[ -e $mark ]]; then demo_again; else demo_first; fi
