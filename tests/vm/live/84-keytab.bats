#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Kerberos without Entra: a machine with a keytab, users with caches of their own.
load ../lib

REALM=FILES.AZURE.STORAGE.MICROSOFT.COM
KEYTAB=/etc/krb5.keytab

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	common_setup
	id -u 'AZVM$' >/dev/null 2>&1 ||
		useradd --badname --uid 2013 --no-create-home --shell /usr/sbin/nologin 'AZVM$'
	machine_keytab
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || said
	systemctl start azure-kdc.service
	common_teardown
	rm -f "$KEYTAB" /etc/azf-test.keytab /tmp/krb5cc_*
	kdc "delprinc -force AZVM\$"
	userdel 'AZVM$'
}

# kdc COMMAND: of kadmin
kdc() {
	KRB5_KDC_PROFILE=$CLOUD_STATE/kdc/kdc.conf cloud_krb5 kadmin.local -r "$REALM" -q "$1" >/dev/null
}

# machine_keytab [OPTION]: this machine has joined, and its keytab is new.
machine_keytab() {
	rm -f "$KEYTAB"
	kdc "addprinc -randkey ${1:-} AZVM\$" 2>/dev/null
	kdc "ktadd -k $KEYTAB AZVM\$"
}

# What our programs said in this test.
said() {
	journalctl --sync
	journalctl --quiet --output=short --after-cursor="$cursor" |
		sed -n 's/.* \(azfiles[a-z.-]*\|mount\)\[[0-9]*\]: //p'
}

# with OPTIONS [SOURCE]
with() { mount -t azfiles "${2:-//$HOST1/share}" "$MNT" -o "retry=0,$1"; }

owner() { stat -c %U "$(azure_dir acct1 share)/$1"; }

acts_as() {
	echo hello >"$MNT/by-$1"
	[[ $(owner "by-$1") == "$1" ]]
}

@test "keytab: this machine, without krb5.conf" {
	[[ ! -e /etc/krb5.conf ]]
	with identity=keytab
	mounted "$MNT" sec=krb5 username=keytab
	acts_as 'AZVM$'
	klist -c "/run/azfiles/$HOST1/keytab/ccache"
	klist -c "/run/azfiles/$HOST1/keytab/ccache" | grep -q "krbtgt/$REALM@$REALM"
	azfilesctl list | tee /dev/stderr | grep -qF "AZVM\$@$REALM"
}
