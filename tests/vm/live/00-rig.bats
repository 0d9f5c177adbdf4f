#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The rig itself: the cloud works with the kernel's client as Debian ships it.

load ../lib

@test "rig: a share mounts with Debian's mount.cifs" {
    mount -t cifs "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    mounted "$MNT" vers=3.1.1
    echo hello >"$MNT/file"
    [[ $(<"$(azure_dir acct1 share)/file") == hello ]]
}

@test "rig: the key of another account is refused" {
    credentials "$CRED" acct1 "$ACCT2_KEY1"
    run -32 mount -t cifs "//$HOST1/share" "$MNT" -o "credentials=$CRED"
    grep -q NT_STATUS_WRONG_PASSWORD "$AZF_SMB_LOG"
}
