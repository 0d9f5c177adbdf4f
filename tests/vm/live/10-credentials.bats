#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where a storage account key may come from.

load ../lib

@test "key in a credentials file" {
    mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    mounted "$MNT" username=acct1
    echo hello >"$MNT/file"
    [[ $(<"$(azure_dir acct1 share)/file") == hello ]]
}

@test "stored key, found by account, with no option at all" {
    store_key acct1
    mount -t azfiles "//$HOST1/share" "$MNT"
    mounted "$MNT" username=acct1
}

@test "key on the command line, with a warning" {
    run --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT" -o "username=acct1,password=$ACCT1_KEY1"
    [[ $status == 0 && -z $output ]]
    # shellcheck disable=SC2154  # set by run
    [[ $stderr == *credentials* ]]
    [[ $stderr != *"$ACCT1_KEY1"* ]]
    mounted "$MNT"
}

@test "fstab line of old, its type changed" {
    fstab "//$HOST1/share $MNT azfiles vers=2.1,dir_mode=0777,file_mode=0777,username=AZURE\\acct1,password=$ACCT1_KEY1"
    mount "$MNT"
    mounted "$MNT" vers=2.1 dir_mode=0777 file_mode=0777
}

@test "second key works, after the first was given up" {
    azure_key acct1 "$ACCT1_KEY2"
    credentials "$CRED" acct1 "$ACCT1_KEY2"
    mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0"
    mounted "$MNT"
}
