# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='50 identity lines of 5 accounts after a reboot: one token, five tickets'

before() {
    fifty_lines identity=system,_netdev
}

after() {
    fifty_mounted sec=krb5
    [[ $(cloud_requests imds) == 1 ]]
    [[ $(cloud_requests storage) == 5 ]]
    # the first of them started it
    within 30 systemctl is-active azfiles-refresh.timer
}
