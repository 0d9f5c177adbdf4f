# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='the power is cut in the middle of a renewal: mounted after the boot'

renewing() { pgrep -x azfiles-credent; }

before() {
    mkdir -p /srv/share
    fstab "//$HOST1/share /srv/share azfiles identity=system,_netdev,nofail 0 0"
    cloud_ticket_life 3
    mount /srv/share
    echo written >/srv/share/file
    sync /srv/share/file
    rm "$CLOUD_STATE/faults"
    # the token is kept, and would do
    setpriv --reuid azfiles --regid azfiles --clear-groups keyctl clear @u
    cloud_imds_gone
    sleep 3
    azure_files restart
    (timeout 60 stat -f /srv/share >/dev/null 2>&1) &
    within 30 renewing
    next_boot_power_cut
}

after() {
    within 60 mounted /srv/share sec=krb5
    [[ $(cat /srv/share/file) == written ]]
    echo again >/srv/share/file
    # what lies in /run is of this boot
    [[ $(find /run/azfiles -mindepth 2 -type d | wc -l) == 1 ]]
    [[ ! -e /run/azfiles/$HOST1/system/failed ]]
}
