#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Active Directory of the tests itself.
load ../lib

setup_file() { ad_up; }
teardown_file() { ad_down; }

@test "the file server knows who comes with a ticket of the domain" {
    ad_krb5_conf
    ad_keytab /etc/krb5.keytab azvm
    kinit -k -c FILE:/tmp/krb5cc_0 'AZVM$'
    KRB5CCNAME=FILE:/tmp/krb5cc_0 smbclient --use-kerberos=required "//$AD_HOST/vol1" -c 'put /etc/hostname machine'
    [[ $(stat -c %U /srv/anf/vol1/machine) == pcuser ]]
    ad_login alice
    ad_as alice smbclient --use-kerberos=required "//$AD_HOST/vol1" -c 'cd alice; put /etc/hostname own; cd ../team; put /etc/hostname hers'
    [[ $(stat -c %U /srv/anf/vol1/alice/own /srv/anf/vol1/team/hers) == $'alice\nalice' ]]
    run ad_as alice smbclient --use-kerberos=required "//$AD_HOST/vol1" -c 'ls bob/*'
    [[ $output == *NT_STATUS_ACCESS_DENIED* ]]
}

@test "the domain has names without an SPN, and needs no krb5.conf" {
    ad_kinit bob FILE:/tmp/krb5cc_0
    run kvno -c FILE:/tmp/krb5cc_0 "cifs/anf2.corp.example.com@$AD_REALM"
    [[ $output == *'Server not found in Kerberos database'* ]]
    kvno -c FILE:/tmp/krb5cc_0 "cifs/$AD_HOST@$AD_REALM" cifs/anf-rc4.corp.example.com@"$AD_REALM"
    klist -e FILE:/tmp/krb5cc_0 | tee "$BATS_TEST_TMPDIR/klist"
    grep arcfour-hmac "$BATS_TEST_TMPDIR/klist"
    [[ $(getent hosts files.corp.example.com) == "$AD_ADDRESS "*"$AD_HOST"* ]]
    ad_stop_kdc
    run ! ad_kinit bob FILE:/tmp/krb5cc_1
}
