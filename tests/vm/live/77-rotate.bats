#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl key rotate: key 1 goes, key 2 comes, and applications go on.

load ../lib

KEYS=/etc/azfiles/keys
IO=/run/azf-io

# From Linux 6.13 and late ones of 6.12 a live mount gets the key; before, a new
# mount takes its place.
takes_keys() {
    [[ $(printf '6.12.10\n%s\n' "$(uname -r)" | sort -V | head -n 1) == 6.12.10 ]]
}

shows_key() { grep -rlsaF -e "$ACCT1_KEY2" -e "${ACCT1_KEY2:20:30}" "$@"; }

# The stand-in cloud and the tests know the key, by right.
files_with_key() {
    shows_key --exclude-dir=azf-test --exclude-dir='bats-run-*' /etc /run /tmp /var | sort
}

# A file that stays open, with a line more ten times a second; until $IO/closed.
write_one() {
    local n
    exec 7>>"$MNT/one"
    for ((n = 0; ; n++)); do
        [[ ! -e $IO/close ]] || break
        echo "line $n" >&7 && echo "line $n" >>"$IO/one" || echo "one $n" >>"$IO/errors"
        sleep 0.1
    done
    exec 7>&- || echo "one close" >>"$IO/errors"
    touch "$IO/closed"
}

# New files, each read back; what was refused is tried again.
write_many() {
    local n
    for ((n = 0; ; n++)); do
        [[ ! -e $IO/stop ]] || break
        until echo "file $n" >"$MNT/many.$n" && [[ $(<"$MNT/many.$n") == "file $n" ]]; do
            echo "many $n" >>"$IO/errors"
            sleep 0.2
        done
        echo "$n" >"$IO/count.new"
        mv "$IO/count.new" "$IO/count"
        sleep 0.1
    done
    touch "$IO/stopped"
}

start_io() {
    rm -rf "$IO"
    mkdir "$IO"
    write_one 2>>"$IO/messages" 3>&- &
    write_many 2>>"$IO/messages" 3>&- &
    more_files 3
}

# N files more than now.
more_files() {
    local goal=$(($(cat "$IO/count" 2>/dev/null || echo 0) + $1))
    within 60 reached "$goal"
}
reached() { [[ -e $IO/count && $(<"$IO/count") -ge $1 ]]; }

# On the server is what was written.
compare_io() {
    local n dir
    dir=$(azure_dir acct1 share)
    touch "$IO/close" "$IO/stop"
    within 60 test -e "$IO/closed" -a -e "$IO/stopped"
    for ((n = 0; n <= $(<"$IO/count"); n++)); do
        [[ $(<"$dir/many.$n") == "file $n" ]] || { echo "many.$n differs"; return 1; }
    done
    cmp "$IO/one" "$dir/one"
    [[ $(wc -l <"$IO/one") -gt 5 ]]
    echo "# $n files, $(wc -l <"$IO/one") lines, errors: $(sort "$IO/errors" 2>/dev/null | tr '\n' ' ')" >&3
}

@test "rotate: reads and writes go on, and after the server was restarted, too" {
    local before began
    store_key acct1
    fstab "//$HOST1/share $MNT azfiles _netdev,nofail,nosuid,uid=alice 0 0"
    systemctl daemon-reload
    mount "$MNT"
    before=$(findmnt -no OPTIONS "$MNT" | sed 's/rsize=.*//')
    start_io
    azure_key acct1 "$ACCT1_KEY2"
    run -0 azfilesctl key rotate acct1 <<<"$ACCT1_KEY2"
    echo "$output"
    [[ $(mounts_at "$MNT") == 1 && $(systemctl is-active srv-share.mount) == active ]]
    [[ $(findmnt -no OPTIONS "$MNT") == "$before"* ]]
    if takes_keys; then
        [[ $output == "$MNT: has the new key, too, "* ]]
    else
        [[ $output == "$MNT: mounted anew with the new key; files that are open go on "* ]]
        more_files 3
        # what is open has the old key only, and is closed before that is missed
        touch "$IO/close"
        within 30 test -e "$IO/closed"
    fi
    azure_files restart
    began=$SECONDS
    more_files 3
    echo "# three files more $((SECONDS - began)) s after the restart" >&3
    compare_io
    umount "$MNT"
    mount "$MNT"
    mounted "$MNT" username=acct1
    grep -qxF "password=$ACCT1_KEY2" "$KEYS/acct1.cred"
    grep -qxF "password2=$ACCT1_KEY1" "$KEYS/acct1.cred"
}

@test "rotate: a key that the server refuses changes nothing" {
    local before
    store_key acct1
    before=$(md5sum "$KEYS/acct1.cred")
    mount -t azfiles "//$HOST1/share" "$MNT"
    run -32 azfilesctl key rotate acct1 <<<"$ACCT1_KEY2"
    [[ $output == "azfilesctl: $HOST1 does not accept the key of acct1 "* ]]
    [[ $before == "$(md5sum "$KEYS/acct1.cred")" && $(mounts_at "$MNT") == 1 ]]
    # of a server that is away nothing is known
    azure_block 'tcp dport 445 reject with tcp reset'
    run azfilesctl key rotate acct1 <<<"$ACCT1_KEY2"
    [[ $output == *"warning: the new key could not be tried: "* ]]
    grep -qxF "password=$ACCT1_KEY2" "$KEYS/acct1.cred"
    azure_unblock
    within 60 ls "$MNT"
}

broken() { ! touch "$1/probe"; }

@test "rotate: too late, the server was restarted before; an automount, and an idle mount" {
    store_key acct1
    mkdir -p /srv/auto
    fstab "//$HOST1/share /srv/auto azfiles _netdev,nofail,x-systemd.automount 0 0"
    systemctl daemon-reload
    systemctl start srv-auto.automount
    mount -t azfiles "//$HOST1/share1" "$MNT"
    ls /srv/auto
    azure_key acct1 "$ACCT1_KEY2"
    azure_files restart
    within 60 broken "$MNT"
    run -0 azfilesctl key rotate acct1 <<<"$ACCT1_KEY2"
    echo "$output"
    if ! takes_keys; then
        [[ $output == *"/srv/auto: mounted anew with the new key over the old mount; "* ]]
        [[ $output == *"$MNT: mounted anew with the new key"* ]]
        [[ $output != *"$MNT: mounted anew with the new key;"* ]]
    fi
    within 60 touch /srv/auto/file
    within 60 touch "$MNT/file"
    [[ -e $(azure_dir acct1 share)/file && -e $(azure_dir acct1 share1)/file ]]
    systemctl stop srv-auto.automount srv-auto.mount
    [[ $(mounts_at /srv/auto) == 0 ]]
    rmdir /srv/auto
}

@test "rotate: a sealed key stays sealed, and no key is left anywhere" {
    printf '%s\n%s\n' "$ACCT1_KEY1" "$ACCT1_KEY2" | azfilesctl key add acct1 --seal
    azure_key acct1 "$ACCT1_KEY2"
    run -0 mount -t azfiles "//$HOST1/share" "$MNT"
    # newer kernels try both without a word
    takes_keys || [[ $output == *"$HOST1 refused the first key, the second one works. "*"'azfilesctl key rotate acct1'"* ]]
    strace -f -qq -v -s 4096 -e trace=execve -o /root/trace \
        azfilesctl key rotate acct1 <<<"$ACCT1_KEY2"
    run ! shows_key /root/trace
    rm /root/trace
    [[ $(ls -A "$KEYS") == acct1.cred.enc ]]
    umount "$MNT"
    run -0 mount -t azfiles "//$HOST1/share" "$MNT"
    [[ $output != *refused* ]]
    mounted "$MNT"
    journalctl --boot --output=export >/root/journal.txt || true
    dmesg >/root/dmesg.txt
    run ! shows_key /root/journal.txt /root/dmesg.txt /proc/mounts /proc/[0-9]*/cmdline /proc/[0-9]*/environ
    rm /root/journal.txt /root/dmesg.txt
    [[ -z $(files_with_key) ]]
}
