#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mount(8), umount(8), findmnt(8), systemd: what they expect of a mount helper.

load ../lib

share() { mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED${1:+,$1}"; }
line() { fstab "//$HOST1/share $MNT azfiles credentials=$CRED${1:+,$1} 0 0"; }

@test "20 mounts at once" {
    local n job jobs=()
    store_key acct1
    store_key acct2
    for n in {1..10}; do
        mkdir -p "/srv/many/1-$n" "/srv/many/2-$n"
        mount -t azfiles "//$HOST1/share$n" "/srv/many/1-$n" & jobs+=($!)
        mount -t azfiles "//$HOST2/share$n" "/srv/many/2-$n" & jobs+=($!)
    done
    for job in "${jobs[@]}"; do
        wait "$job"
    done
    for n in {1..10}; do
        [[ $(mounts_at "/srv/many/1-$n") == 1 ]]
        [[ $(mounts_at "/srv/many/2-$n") == 1 ]]
        touch "/srv/many/1-$n/file" "/srv/many/2-$n/file"
    done
}

@test "remount read-only, and back" {
    share
    mount -o remount,ro -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    mounted "$MNT" ro
    run -1 touch "$MNT/file"
    mount -o remount,rw -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    mounted "$MNT" rw
    touch "$MNT/file"
}

@test "remount of an fstab line by its directory" {
    line
    mount "$MNT"
    mount -o remount,ro "$MNT"
    mounted "$MNT" ro mfsymlinks actimeo=30
    mount -o remount,rw "$MNT"
    mounted "$MNT" rw
    touch "$MNT/file"
}

@test "mounted read-only" {
    share ro
    mounted "$MNT" ro
    run -1 touch "$MNT/file"
}

@test "X-mount.mkdir makes the directory" {
    rmdir "$MNT"
    share X-mount.mkdir=0700
    mounted "$MNT"
}

@test "mount -a twice mounts once" {
    line
    mount -a
    mount -a
    [[ $(mounts_at "$MNT") == 1 ]]
    mount -a -t azfiles
    [[ $(mounts_at "$MNT") == 1 ]]
}

@test "a second mount at the same place fails and does not stack" {
    share
    run share
    [[ $status == 32 ]]
    [[ $output == mount.azfiles:* ]]
    [[ $(mounts_at "$MNT") == 1 ]]
}

@test "mount -f mounts nothing and says nothing" {
    run mount -f -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    [[ $status == 0 && -z $output ]]
    [[ $(mounts_at "$MNT") == 0 ]]
}

@test "findmnt and df show the share" {
    share
    [[ $(findmnt -no SOURCE,FSTYPE "$MNT" | tr -s ' ') == "//$HOST1/share cifs" ]]
    df "$MNT" | grep -q "^//$HOST1/share "
    df -t cifs | grep -q " $MNT\$"
}

@test "umount by directory, and by source" {
    share
    umount "$MNT"
    [[ $(mounts_at "$MNT") == 0 ]]
    share
    umount "//$HOST1/share"
    [[ $(mounts_at "$MNT") == 0 ]]
}

@test "umount of a busy mount: refused, then lazy" {
    share
    echo hello >"$MNT/file"
    exec 8<"$MNT/file"
    run -32 umount "$MNT"
    umount -l "$MNT"
    [[ $(mounts_at "$MNT") == 0 ]]
    [[ $(cat <&8) == hello ]]
    exec 8<&-
}

@test "umount -a -t cifs" {
    share
    umount -a -t cifs
    [[ $(mounts_at "$MNT") == 0 ]]
}

@test "what stays in fstab stays out of the kernel" {
    line _netdev,nofail,x-systemd.mount-timeout=30s,x-azfiles.note=1,user,comment=text
    mount "$MNT"
    mounted "$MNT"
    run ! grep -E "$MNT.*(_netdev|nofail|x-|comment)" /proc/mounts
}

@test "x-systemd.automount: access mounts" {
    line _netdev,noauto,x-systemd.automount
    systemctl daemon-reload
    systemctl start srv-share.automount
    [[ $(mounts_at "$MNT") == 0 ]]
    touch "$(azure_dir acct1 share)/file"
    [[ -e $MNT/file ]]
    mounted "$MNT"
    systemctl stop srv-share.mount
    [[ $(mounts_at "$MNT") == 0 ]]
    ls "$MNT/file"
    [[ $(mounts_at "$MNT") == 1 ]]
}

@test "a mount unit is started, reloaded and stopped" {
    line _netdev
    systemctl daemon-reload
    systemctl start srv-share.mount
    mounted "$MNT" mfsymlinks
    systemctl reload srv-share.mount
    mounted "$MNT" mfsymlinks
    systemctl stop srv-share.mount
    [[ $(mounts_at "$MNT") == 0 ]]
}
