# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='every kind of identity from fstab after a reboot, without cifs-utils'

before() {
    local kinds kind
    install -d -m 0700 /etc/azfiles
    cloud_assertion life=86400 >/etc/azfiles/assertion
    cloud_client_secret >/etc/azfiles/client-secret
    cloud_certificate /etc/azfiles/application.pem
    cloud_token identity=1 life=86400 >/etc/azfiles/token
    chmod 600 /etc/azfiles/*
    # the program runs without privileges
    cloud_token identity=2 life=86400 >/var/lib/azf-test/program-token
    # shellcheck disable=SC2016  # for the program
    printf '#!/bin/sh\necho "token=$(cat /var/lib/azf-test/program-token)"\n' >/usr/local/bin/give-token
    chmod 0755 /usr/local/bin/give-token
    kinds=(system "$CLIENT2" "$RESOURCE_ID1"
        "workload,tenant_id=$TENANT,client_id=$CLIENT1,token_file=/etc/azfiles/assertion"
        "sp,tenant_id=$TENANT,client_id=$CLIENT1,client_secret_file=/etc/azfiles/client-secret"
        "sp,tenant_id=$TENANT,client_id=$CLIENT2,client_certificate=/etc/azfiles/application.pem"
        "token,token_file=/etc/azfiles/token" exec:/usr/local/bin/give-token)
    for kind in "${!kinds[@]}"; do
        mkdir -p "/srv/kind/$kind"
        fstab "//$HOST1/share /srv/kind/$kind azfiles identity=${kinds[kind]},_netdev,nofail 0 0"
    done
    mkdir -p /var/lib/azf-test/away
    mv /usr/sbin/cifs.upcall /usr/sbin/mount.cifs /etc/request-key.d/cifs.spnego.conf /var/lib/azf-test/away/
}

after() {
    local kind
    mv /var/lib/azf-test/away/*.conf /etc/request-key.d/
    mv /var/lib/azf-test/away/* /usr/sbin/
    for kind in {0..7}; do
        within 60 mounted "/srv/kind/$kind" sec=krb5
        echo hello >"/srv/kind/$kind/$kind"
    done
    [[ $(stat -c %U "$(azure_dir acct1 share)/1") == AzureFileClient2 ]]
    [[ $(stat -c %U "$(azure_dir acct1 share)/5") == AzureFileClient2 ]]
    [[ $(stat -c %U "$(azure_dir acct1 share)/0") == AzureFileClient ]]
    [[ $(stat -c %U "$(azure_dir acct1 share)/7") == AzureFileClient2 ]]
    rm -rf /etc/azfiles /usr/local/bin/give-token
}
