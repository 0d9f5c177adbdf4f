# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='53 a machine of a domain and its users: keytab and multiuser at boot'

before() {
    mkdir -p /srv/share
    # gone after the test; the machine has no krb5.conf
    ad_keytab /etc/krb5.keytab azvm
    fstab "//$AD_HOST/vol1 /srv/share azfiles identity=keytab,multiuser,_netdev,nofail,retry=150,x-systemd.mount-timeout=200 0 0"
    next_boot_ad
}

after() {
    within 150 mounted /srv/share sec=krb5 multiuser
    [[ ! -e /etc/krb5.conf ]]
    touch /srv/share/machine
    [[ $(stat -c %U /srv/anf/vol1/machine) == pcuser ]]
    within 30 systemctl is-active azfiles-refresh.timer
    ad_login alice
    user_within 30 ad_as alice touch /srv/share/alice/hers
    [[ $(stat -c %U /srv/anf/vol1/alice/hers) == alice ]]
    ! ad_as bob ls /srv/share/bob || return 1
    echo "# mounted $(network_seconds srv-share.mount) s after network-online.target"
}
