#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which address a mount goes to.

load ../lib

share() { mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0${1:+,$1}"; }

@test "a name with several addresses, the first of them refusing" {
    azure_dns "$HOST1" "$ADDR_REFUSED" 10.77.0.11
    [[ $(getent ahostsv4 "$HOST1" | head -n 1) == "$ADDR_REFUSED"* ]]
    share
    mounted "$MNT" addr=10.77.0.11
}

@test "a name with several addresses, the first of them unreachable" {
    azure_dns "$HOST1" "$ADDR_UNREACHABLE" 10.77.0.11
    share
    mounted "$MNT" addr=10.77.0.11
}

@test "a name with several addresses, the first of them silent" {
    azure_dns "$HOST1" "$ADDR_SILENT" 10.77.0.11
    SECONDS=0
    share
    mounted "$MNT" addr=10.77.0.11
    (( SECONDS < 30 ))
}

@test "a name with an IPv6 address only" {
    azure_dns "$HOST1" fd77::11
    share
    mounted "$MNT" addr=fd77:0000:0000:0000:0000:0000:0000:0011
    touch "$MNT/file"
}

@test "a name with a dead IPv6 and a live IPv4 address" {
    azure_dns "$HOST1" fd77::2 10.77.0.11
    share
    mounted "$MNT" addr=10.77.0.11
}

@test "ip= overrides the name's address, IPv4" {
    azure_dns "$HOST1" "$ADDR_SILENT"
    share ip=10.77.0.11
    mounted "$MNT" addr=10.77.0.11
}

@test "ip= overrides the name's address, IPv6" {
    share ip=fd77::11
    mounted "$MNT" addr=fd77:0000:0000:0000:0000:0000:0000:0011
}

@test "ip= works for a name that does not exist" {
    azure_dns "$HOST1"
    share ip=10.77.0.11
    mounted "$MNT" addr=10.77.0.11
}

@test "ip= with a link-local address and its interface" {
    share ip=fe80::11%eth0
    mounted "$MNT"
    touch "$MNT/file"
}

@test "an IPv4 address in place of a name" {
    mount -t azfiles //10.77.0.11/share "$MNT" -o "credentials=$CRED,retry=0"
    mounted "$MNT" addr=10.77.0.11
}
