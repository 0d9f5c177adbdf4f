#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What applications see of a mounted share.

load ../lib

share() { mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED${1:+,$1}"; }

# In what the kernel negotiated, not only in what it was asked.
negotiated() { grep -qi "$1" /proc/fs/cifs/DebugData || { cat /proc/fs/cifs/DebugData; return 1; }; }

@test "SMB 2.1" {
    share vers=2.1
    mounted "$MNT" vers=2.1
    negotiated 'Dialect 0x210'
}

@test "SMB 3.0" {
    share vers=3.0
    mounted "$MNT" vers=3.0
    negotiated 'Dialect 0x300'
}

@test "SMB 3.1.1" {
    share vers=3.1.1
    mounted "$MNT" vers=3.1.1
    negotiated 'Dialect 0x311'
}

@test "encryption asked for by the client" {
    share seal
    mounted "$MNT" seal
    negotiated ' encrypted$'
}

@test "encryption demanded by the server" {
    azure_files_conf 'server smb encrypt = required'
    share
    echo hello >"$MNT/file"
    negotiated ' encrypted$'
}

@test "modes and owners as the options say" {
    mkdir "$(azure_dir acct1 share)/dir"
    touch "$(azure_dir acct1 share)/file"
    share dir_mode=0750,file_mode=0640,uid=alice,gid=3002
    [[ $(stat -c '%a %U %G' "$MNT/dir") == '750 alice bob' ]]
    [[ $(stat -c '%a %U %G' "$MNT/file") == '640 alice bob' ]]
}

@test "symbolic links" {
    share
    mounted "$MNT" mfsymlinks
    echo hello >"$MNT/file"
    ln -s file "$MNT/link"
    [[ -L $MNT/link && $(readlink "$MNT/link") == file ]]
    [[ $(<"$MNT/link") == hello ]]
}

@test "a subdirectory of a share" {
    mkdir -p "$(azure_dir acct1 share)/dir/sub"
    chown -R acct1 "$(azure_dir acct1 share)/dir"
    mount -t azfiles "//$HOST1/share/dir/sub" "$MNT" -o "credentials=$CRED"
    echo hello >"$MNT/file"
    [[ -e $(azure_dir acct1 share)/dir/sub/file ]]
    [[ $(findmnt -no SOURCE "$MNT") == "//$HOST1/share/dir/sub" ]]
}

@test "64 MiB written, read back and compared" {
    share
    dd if=/dev/urandom of=/var/tmp/data bs=1M count=64 status=none
    cp /var/tmp/data "$MNT/data"
    sync
    cmp /var/tmp/data "$(azure_dir acct1 share)/data"
    echo 3 >/proc/sys/vm/drop_caches
    cmp /var/tmp/data "$MNT/data"
    rm /var/tmp/data
}

@test "two shares of one account" {
    mkdir -p /srv/two
    share
    mount -t azfiles "//$HOST1/share2" /srv/two -o "credentials=$CRED"
    echo one >"$MNT/file"
    echo two >/srv/two/file
    [[ $(<"$(azure_dir acct1 share)/file") == one ]]
    [[ $(<"$(azure_dir acct1 share2)/file") == two ]]
}

@test "shares of two accounts" {
    mkdir -p /srv/two
    store_key acct1
    store_key acct2
    mount -t azfiles "//$HOST1/share" "$MNT"
    mount -t azfiles "//$HOST2/share" /srv/two
    echo one >"$MNT/file"
    echo two >/srv/two/file
    [[ $(<"$(azure_dir acct1 share)/file") == one ]]
    [[ $(<"$(azure_dir acct2 share)/file") == two ]]
}
