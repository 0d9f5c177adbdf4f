#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Kerberos without Entra: a machine with a keytab, users with caches of their own.
load ../lib

REALM=FILES.AZURE.STORAGE.MICROSOFT.COM
KEYTAB=/etc/krb5.keytab
MACHINE=/run/azfiles/$HOST1/keytab

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	common_setup
	cloud_join
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || said
	systemctl start azure-kdc.service
	common_teardown
	rm -f "$AZF_STATE"/*.keytab /tmp/krb5cc_* /etc/krb5.conf
}

# What azfiles.upcall said in this test.
said() {
	journalctl --sync
	journalctl --quiet --output=short --after-cursor="$cursor" | sed -n 's/.* azfiles\.upcall\[[0-9]*\]: //p'
}

# with OPTIONS [SOURCE]
with() { mount -t azfiles "${2:-//$HOST1/share}" "$MNT" -o "retry=0,$1"; }

owner() { stat -c %U "$(azure_dir acct1 share)/$1"; }

# acts_as USER [COMMAND...]: what that command writes is the user's.
acts_as() {
	local name=by-$1-$RANDOM
	"${@:2}" touch "$MNT/$name"
	[[ $(owner "$name") == "$1" ]]
}

as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }

# refused OPTIONS CAUSE [SOURCE]: the mount fails for it.
refused() {
	run -32 with "$1" "${3:-}"
	echo "$output"
	[[ $output == *"$2"* ]]
}

@test "keytab: this machine, without krb5.conf" {
	[[ ! -e /etc/krb5.conf ]]
	with identity=keytab
	mounted "$MNT" sec=krb5 username=keytab
	acts_as 'AZVM$'
	klist -c "$MACHINE/ccache" | tee "$AZF_STATE/klist"
	grep -q "krbtgt/$REALM@$REALM" "$AZF_STATE/klist"
	grep -q "cifs/$HOST1@$REALM" "$AZF_STATE/klist"
	azfilesctl list | tee "$AZF_STATE/list"
	grep -qF "as    AZVM\$@$REALM" "$AZF_STATE/list"
	azfilesctl status --json | grep -q '"state": *"valid"'
	# renewed by hand
	before=$(stat -c %i "$MACHINE/ccache")
	azfilesctl refresh --now "$MNT"
	[[ $(stat -c %i "$MACHINE/ccache") != "$before" ]]
	# by the timer's service, which leaves that to another
	before=$(stat -c %i "$MACHINE/ccache")
	sed -i 's/^early=.*/early=1/' "$MACHINE/ticket"
	systemctl start azfiles-refresh.service
	[[ $(stat -c %i "$MACHINE/ccache") != "$before" ]]
	# one process may get several
	printf '%s\n' "host=$HOST1" identity=keytab more=1 '' "$HOST1" |
		/usr/libexec/azfiles/azfiles-credential | grep -ac ^length= | grep -qx 2
	# and by the upcall, when the ticket has ended
	sed -i 's/^\(early\|renew\|expires\)=.*/\1=1/' "$MACHINE/ticket"
	azure_files restart
	within 30 eval "acts_as 'AZVM\$'"
	[[ -z $(said) ]]
}

@test "keytab: another file and another principal, whatever the case" {
	rm "$KEYTAB"
	with "identity=keytab,keytab=$CLOUD_STATE/clients.keytab,principal=azurefileclient2"
	acts_as AzureFileClient2
	mounted "$MNT" sec=krb5
	umount "$MNT"
	with "identity=keytab,keytab=$CLOUD_STATE/clients.keytab,principal=AzureFileClient@$REALM"
	acts_as AzureFileClient
}

@test "keytab: what is wrong with it is named" {
	ln -s "$KEYTAB" "$AZF_STATE/link.keytab"
	refused "identity=keytab,keytab=$AZF_STATE/link.keytab" 'it is a link'
	refused identity=keytab,keytab=/etc/passwd 'others may read or write the keytab /etc/passwd'
	install -m 0600 /etc/passwd "$AZF_STATE/no.keytab"
	refused "identity=keytab,keytab=$AZF_STATE/no.keytab" "$AZF_STATE/no.keytab is no keytab"
	refused "identity=keytab,keytab=$CLOUD_STATE/clients.keytab" 'has no key of a machine (NAME$@REALM), but of AzureFileClient@'
	refused 'identity=keytab,principal=carol' "has no key of carol, but of AZVM\$@$REALM"
	refused identity=keytab,ip=10.77.0.11 'knows no server by the name of other.test' //other.test/share
	cloud_kadmin 'modprinc -allow_tix AZVM$'
	refused identity=keytab 'the account of AZVM$@'"$REALM"' is disabled, locked or expired'
	cloud_kadmin 'modprinc +allow_tix -pwexpire yesterday AZVM$'
	refused identity=keytab 'the password of AZVM$@'"$REALM"' has expired'
	cloud_kadmin 'modprinc -pwexpire never AZVM$'
	cloud_kadmin 'cpw -randkey AZVM$'
	refused identity=keytab 'in /etc/krb5.keytab (kvno 2) is not the one that the KDC has'
	cloud_kadmin 'delprinc -force AZVM$'
	refused identity=keytab "the KDC of the realm $REALM does not know AZVM\$@$REALM"
	rm "$KEYTAB"
	refused identity=keytab 'there is no keytab /etc/krb5.keytab'
}

@test "keytab: the KDC is away, and comes back while it is mounted" {
	systemctl stop azure-kdc.service
	began=$SECONDS
	refused identity=keytab "no KDC of the realm $REALM answer"
	((SECONDS - began < 30))
	(sleep 2; systemctl start azure-kdc.service) 3>&- &
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=60,identity=keytab
	acts_as 'AZVM$'
}

@test "keytab: krb5i and krb5p" {
	with identity=keytab,sec=krb5i
	mounted "$MNT" sec=krb5i
	acts_as 'AZVM$'
	umount "$MNT"
	with identity=keytab,sec=krb5p
	mounted "$MNT" sec=krb5 seal
	acts_as 'AZVM$'
	grep -i 'encrypt' /proc/fs/cifs/DebugData
}

@test "keytab: its key is nowhere else" {
	with identity=keytab
	for key in $(klist -keK "$KEYTAB" | sed -n 's/.*(0x\(.*\))/\1/p'); do
		journalctl --boot >"$AZF_STATE/all"
		cat "$MACHINE"/* | od -An -v -tx1 | tr -d ' \n' >>"$AZF_STATE/all"
		run ! grep -qi "$key" "$AZF_STATE/all"
		[[ -n $key ]]
	done
	rm "$AZF_STATE/all"
}

@test "ccache: root's own, a user's own, in a file and in a keyring" {
	cloud_kinit_user alice FILE:/tmp/krb5cc_3001
	refused identity=ccache 'no Kerberos ticket in FILE:/tmp/krb5cc_0'
	with identity=ccache,cruid=alice
	mounted "$MNT" sec=krb5 cruid=3001 username=ccache-3001
	acts_as alice
	azfilesctl list | tee "$AZF_STATE/list"
	grep -q "ccache-3001  *user's" "$AZF_STATE/list"
	azfilesctl status | tee "$AZF_STATE/list"
	grep -q "user's" "$AZF_STATE/list"
	azfilesctl refresh --now
	umount "$MNT"
	cloud_krb5_conf
	sed -i 's/^\[libdefaults\]/&\n\tdefault_ccache_name = KEYRING:persistent:%{uid}/' /etc/krb5.conf
	rm /tmp/krb5cc_3001
	sleep 11
	refused identity=ccache,cruid=alice 'no Kerberos ticket in KEYRING:persistent:3001'
	cloud_kinit_user alice
	sleep 11
	with identity=ccache,cruid=alice
	acts_as alice
}

@test "multiuser: each with their own tickets, and never the machine's" {
	with identity=keytab,multiuser
	acts_as 'AZVM$'
	cloud_kinit_user alice FILE:/tmp/krb5cc_3001
	acts_as alice as alice
	for _ in {1..5}; do
		run -1 as bob touch "$MNT/bob"
		[[ $output == *'Permission denied'* ]]
		sleep 1.2
	done
	# one line, with what to do; the others go on
	said | tee "$AZF_STATE/said"
	[[ $(<"$AZF_STATE/said") == "$HOST1: the user bob (uid 3002) has no access: there is no Kerberos ticket in FILE:/tmp/krb5cc_3002. Let the user run kinit" ]]
	run azfilesctl doctor --json "$MNT"
	echo "$output" | grep "no access"
	[[ $output == *'the user bob (uid 3002) had no access: there is no Kerberos ticket'* ]]
	acts_as alice as alice
	acts_as 'AZVM$'
	azfilesctl status | grep keytab
	cloud_kinit_user bob FILE:/tmp/krb5cc_3002
	user_within 40 acts_as bob as bob
	acts_as alice as alice
	run azfilesctl doctor --json "$MNT"
	[[ $output == *'no user who came was without a ticket'* ]]
	# a restart of the server: all sign in again
	azure_files restart
	user_within 30 acts_as alice as alice
	user_within 30 acts_as bob as bob
	within 30 eval "acts_as 'AZVM\$'"
}

@test "multiuser: who asks the KDC for a user can do little, and keeps the ticket" {
	with identity=keytab,multiuser
	cloud_kinit_user alice FILE:/tmp/krb5cc_3001
	azure_block 'meta l4proto { tcp, udp } th dport 88 drop'
	(as alice touch "$MNT/slow" || true) &
	within 20 sandboxed alice azfiles.upcall
	azure_unblock
	wait "$!"
	within 60 eval 'sleep 2; acts_as alice as alice'
	klist -c /tmp/krb5cc_3001
	klist -c /tmp/krb5cc_3001 | grep -q "cifs/$HOST1@"
}

@test "multiuser: a cache that the user's environment names" {
	with identity=keytab,multiuser
	cloud_kinit_user alice FILE:/tmp/krb5cc_alice
	acts_as alice env KRB5CCNAME=FILE:/tmp/krb5cc_alice setpriv --reuid alice --regid alice --clear-groups
}
