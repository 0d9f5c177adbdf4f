# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='the identity of an Azure Arc machine from fstab after a reboot'

before() {
    cloud_arc on
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles identity=system,_netdev,nofail 0 0"
}

after() {
    within 60 mounted "$MNT" sec=krb5
    (($(cloud_requests arc) >= 2))
    [[ $(cloud_requests imds) == 0 ]]
}
