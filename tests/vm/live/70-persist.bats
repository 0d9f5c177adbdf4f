#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl persist and unpersist with a real mount(2), fstab and systemd.

load ../lib

# A key, and an fstab of two lines without a newline at its end; $BEFORE is it.
prepare() {
    store_key acct1
    fstab '# by hand'
    printf 'none\t/srv/none\ttmpfs\tnoauto' >>/etc/fstab
    chmod 640 /etc/fstab
    BEFORE=$AZF_STATE/fstab-before
    cp --preserve=all /etc/fstab "$BEFORE"
}

as_before() {
    cmp "$BEFORE" /etc/fstab
    [[ $(stat -c '%a %u %g' /etc/fstab) == $(stat -c '%a %u %g' "$BEFORE") ]]
}

@test "persist: the line mounts, now and again; unpersist restores fstab" {
    prepare
    azfilesctl persist "//$HOST1/share" "$MNT" --now
    mounted "$MNT" username=acct1
    [[ $(tail -n 1 /etc/fstab) == "//$HOST1/share $MNT azfiles _netdev,nofail 0 0" ]]
    systemctl show --value --property=FragmentPath srv-share.mount | grep .
    systemctl show --value --property=After srv-share.mount | grep -w network-online.target
    mount -a
    [[ $(mounts_at "$MNT") == 1 ]]
    umount "$MNT"
    mount -a
    mounted "$MNT"
    [[ $(mounts_at "$MNT") == 1 ]]
    # again, with the share mounted: it is tried all the same
    run -0 azfilesctl persist "//$HOST1/share" "$MNT" --now
    [[ $output == *"nothing to do"* && $output == *"mounted already"* ]]
    [[ $(mounts_at "$MNT") == 1 ]]
    azfilesctl unpersist "$MNT" --now
    [[ $(mounts_at "$MNT") == 0 ]]
    as_before
    [[ $(systemctl show --value --property=LoadState srv-share.mount) == not-found ]]
}

@test "persist: the trial tells what is wrong, and leaves nothing behind" {
    prepare
    azfilesctl persist "//$HOST1/share" "$MNT"
    [[ $(mounts_at "$MNT") == 0 ]]
    azfilesctl unpersist "$MNT"
    store_key acct1 "$ACCT2_KEY1"
    run -32 azfilesctl persist "//$HOST1/share" "$MNT" --now
    [[ $output == "azfilesctl: $HOST1 does not accept the key of acct1 "* ]]
    store_key acct1
    run -32 azfilesctl persist "//$HOST1/nosuch" "$MNT"
    [[ $output == "azfilesctl: $HOST1 has no share 'nosuch'"* ]]
    [[ $(mounts_at "$MNT") == 0 ]]
    as_before
}

@test "persist: without a server only --no-try writes" {
    prepare
    azure_files stop
    run -32 azfilesctl persist "//$HOST1/share" "$MNT"
    as_before
    azfilesctl persist "//$HOST1/share" "$MNT" --no-try
    azure_files start
    within 60 mount "$MNT"
    mounted "$MNT"
}

@test "persist: --automount mounts at the first access" {
    prepare
    azfilesctl persist "//$HOST1/share" "$MNT" --automount --now
    [[ $(mounts_at "$MNT") == 0 ]]
    azure_file acct1 share/file hello
    [[ $(<"$MNT/file") == hello ]]
    mounted "$MNT"
    azfilesctl unpersist "$MNT" --now
    [[ $(findmnt --noheadings --mountpoint "$MNT") == '' ]]
    as_before
}

@test "persist: --units are in order, and mount" {
    prepare
    azfilesctl persist "//$HOST1/share" "$MNT" --units --now
    mounted "$MNT"
    as_before
    run -0 systemd-analyze verify --man=no /etc/systemd/system/srv-share.mount
    [[ -z $output ]]
    systemctl show --value --property=After srv-share.mount | grep -w network-online.target
    systemctl show --value --property=Before srv-share.mount | grep -w umount.target
    [[ $(systemctl show --value --property=WantedBy srv-share.mount) == *remote-fs.target* ]]
    [[ $(systemctl show --value --property=RequiredBy srv-share.mount) != *local-fs.target* ]]
    azfilesctl unpersist "$MNT" --now
    [[ $(mounts_at "$MNT") == 0 ]]
    run ! compgen -G '/etc/systemd/system/*/srv-share*'
    run ! compgen -G '/etc/systemd/system/srv-share*'
}

@test "persist: --units --automount" {
    prepare
    azfilesctl persist "//$HOST1/share" "$MNT" --units --automount --now \
        -o x-systemd.idle-timeout=1h
    run -0 systemd-analyze verify --man=no /etc/systemd/system/srv-share.{mount,automount}
    [[ -z $output ]]
    [[ $(mounts_at "$MNT") == 0 ]]
    ls "$MNT"
    mounted "$MNT"
    azfilesctl unpersist "$MNT" --now
    [[ $(findmnt --noheadings --mountpoint "$MNT") == '' ]]
    run ! compgen -G '/etc/systemd/system/srv-share*'
}

@test "persist: odd paths, in fstab and in units" {
    local odd unit
    prepare
    odd="$MNT/a b%c-d,ä"
    mkdir -p "$odd" "$(azure_dir acct1 share)/x y"
    azfilesctl persist "//$HOST1/share/x y" "$odd" --now
    mounted "$odd"
    mount -a
    [[ $(mounts_at "$odd") == 1 ]]
    azfilesctl unpersist "$odd" --now
    as_before
    azfilesctl persist "//$HOST1/share/x y" "$odd" --now --units
    mounted "$odd"
    unit=$(systemd-escape --path --suffix=mount "$odd")
    systemctl is-active "$unit"
    azfilesctl unpersist "$odd" --now
    [[ $(mounts_at "$odd") == 0 ]]
}

@test "persist: an immutable fstab stays as it is" {
    prepare
    command -v chattr
    chattr +i /etc/fstab
    run -2 azfilesctl persist "//$HOST1/share" "$MNT" --no-try
    chattr -i /etc/fstab
    [[ $output == "azfilesctl: /etc/fstab is immutable. "*"'chattr -ai /etc/fstab'" ]]
    as_before
    [[ ! -e /etc/fstab.azfiles~ ]]
}

@test "persist: an identity" {
    prepare
    rm -rf /etc/azfiles/keys
    azfilesctl persist "//$HOST1/share" "$MNT" -o identity=system --now
    mounted "$MNT" sec=krb5 username=system
    azfilesctl unpersist "$MNT" --now
    as_before
}

@test "persist: the resource disk is known by its device" {
    prepare
    mkdir -p "$MNT/disk" /dev/disk/azure
    touch /dev/azf-disk
    ln -s ../../azf-disk /dev/disk/azure/resource-part1
    mount -t tmpfs /dev/azf-disk "$MNT/disk"
    mkdir "$MNT/disk/share"
    run -0 azfilesctl persist "//$HOST1/share" "$MNT/disk/share" --no-try
    umount "$MNT/disk"
    rm -r /dev/azf-disk /dev/disk/azure
    [[ $output == *"warning: $MNT/disk/share is on the temporary disk "* ]]
}
