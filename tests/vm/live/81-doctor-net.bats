#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl doctor: what is wrong between this machine and the server, and with
# identities: each prepared sickness is found, and nothing else is accused.
load ../lib

key() { sick "$1" "$2" "//$HOST1/share" -o "credentials=$CRED${3:+,$3}"; }
identity() { sick "$1" "$2" "//$HOST1/share" -o "${3:-identity=system}"; }

# sick CHECK:LEVEL TEXT SOURCE -o OPTIONS: of what doctor says about the share (and
# not about the machine), this alone is a warning or a failure, and has this text,
# of which '|' separates parts. Nothing is: what is fine has it.
sick() {
	local answer
	answer=$(azfilesctl doctor --json "${@:3}") || true
	secretless "$answer"
	python3 "$JUDGE" "$1" "$2" <<<"$answer"
}

# judge EXPECTED TEXT: reads what doctor says.
JUDGE=$BATS_RUN_TMPDIR/judge
cat >"$JUDGE" <<'END'
import json, sys
found = [f for f in json.load(sys.stdin)['findings'] if f['source']]
bad = [f for f in found if f['level'] in ('warn', 'fail')]
names = ' '.join(sorted({f['check'] + ':' + f['level'] for f in bad}))
texts = ' '.join(f['cause'] + '. ' + (f['cure'] or '') for f in bad or found)
if names != sys.argv[1] or not all(text in texts for text in sys.argv[2].split('|')):
    print('expected %s: %s' % tuple(sys.argv[1:3]))
    for f in found:
        print('  %(level)s %(check)s: %(cause)s. %(cure)s' % f)
    sys.exit(1)
END

secretless() {
	[[ $1 != *eyJ* && $1 != *"$ACCT1_KEY1"* && $1 != *"$(cloud_client_secret)"* ]] ||
		{ echo 'a secret is in the answer'; return 1; }
}

eval "common_$(declare -f teardown)"

teardown() {
	[[ ! -e $BATS_TEST_TMPDIR/hosts ]] || cp "$BATS_TEST_TMPDIR/hosts" /etc/hosts
	rm -f /etc/azfiles/azfiles.conf /run/client-secret
	common_teardown
}

@test "doctor: the way to a healthy server, and an identity in order" {
	key '' 'chooses SMB 3.1.1 with AES-|the clock agrees with that of acct1|offers SMB 3.1.1' vers=3.1.1
	identity '' "the metadata service of the Azure VM answers at 169.254.169.254|aud https://storage.azure.com, tid $TENANT, appid $CLIENT1, oid aaaaaaaa|gives one for cifs/$HOST1@" \
		"identity=$CLIENT1"
}

@test "doctor: sick names" {
	azure_dns "$HOST1"
	identity name:fail 'does not exist in DNS'
	azure_dns "$HOST1" 203.0.113.11
	azure_dns "${HOST1/./.privatelink.}" 10.77.0.11
	key name:warn 'has a private endpoint, but is the public address 203.0.113.11 here. Link'
	azure_block 'ip daddr 203.0.113.11 tcp dport 445 drop'
	key name:fail 'add ip=10.77.0.11'
	azure_dns "$HOST1" 10.77.0.11
	cp /etc/hosts "$BATS_TEST_TMPDIR/hosts"
	echo "$ADDR_SILENT $HOST1" >>/etc/hosts
	key name:fail "/etc/hosts says that $HOST1 is $ADDR_SILENT, which does not answer"
	cp "$BATS_TEST_TMPDIR/hosts" /etc/hosts
	echo "10.77.0.12 $HOST1" >>/etc/hosts
	key name:warn 'the name servers disagree'
	cp "$BATS_TEST_TMPDIR/hosts" /etc/hosts
	azure_dns_stop
	key name:fail 'no DNS server answers'
}

@test "doctor: sick ports" {
	azure_dns "$HOST1" "$ADDR_SILENT"
	key port:fail 'a firewall drops it'
	azure_dns "$HOST1" "$ADDR_UNREACHABLE"
	key port:fail 'there is no route'
	azure_dns "$HOST1" 10.77.0.11 "$ADDR_SILENT"
	key port:warn "does not answer at $ADDR_SILENT"
}

@test "doctor: sick servers" {
	azure_files_conf 'server max protocol = SMB3_02'
	key vers:fail 'does not offer what vers=3.1.1 demands' vers=3.1.1
	azure_files_conf 'server smb3 encryption algorithms = AES-256-CCM'
	key smb:fail 'no cipher but AES-256-CCM'
	azure_files_conf 'server max protocol = SMB2_10'
	key smb:warn 'chooses SMB 2.1 without encryption'
}

@test "doctor: sick metadata services, also with a token in the cache" {
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	umount "$MNT"
	cloud_imds_gone
	identity metadata:fail 'the metadata service at 169.254.169.254'
	azure_unblock
	cloud_fault imds many
	identity token:fail 'several identities'
	cloud_reset
	cloud_fault imds audience https://storage.azure.com/
	identity token:fail "'https://storage.azure.com/'"
	cloud_reset
	cloud_fault imds life 100
	identity token:fail 'is good only until'
	cloud_reset
	cloud_identities system
	identity token:fail 'not assigned' "identity=$CLIENT1"
	cloud_reset
	install -d /etc/azfiles
	echo 'imds_endpoint=http://127.0.0.1:9' >/etc/azfiles/azfiles.conf
	identity metadata:fail '127.0.0.1:9'
	rm /etc/azfiles/azfiles.conf
	cloud_arc on
	identity '' 'the Azure Arc agent answers at 127.0.0.1:40342'
	cloud_fault arc/challenge no-file
	identity token:fail 'the challenge'
	cloud_reset
	echo wrong >/run/client-secret
	identity token:fail 'secret' "identity=sp,tenant_id=$TENANT,client_id=$CLIENT1,client_secret_file=/run/client-secret"
}

@test "doctor: sick ticket services" {
	local fault
	for fault in 'role:Storage File Data SMB MI Admin|AuthorizationPermissionMismatch' firewall:AuthorizationFailure oauth-off: issuer:tenant \
		'tls expired:certificate'; do
		cloud_reset
		# shellcheck disable=SC2086 # kind and argument
		cloud_fault storage ${fault%%:*}
		echo "# $fault"
		identity ticket:fail "${fault#*:}"
	done
	cloud_reset
	cloud_fault storage audience
	cloud_fault storage skew 4000
	identity ticket:fail "this machine's clock is "
}

@test "doctor --try: what only the server knows" {
	sick '' "//$HOST1/share can be mounted" "//$HOST1/share" --try -o "credentials=$CRED"
	sick '' "//$HOST1/share can be mounted" "//$HOST1/share" --try -o identity=system
	[[ $(mounts_at "$MNT") == 0 && $(mounts_at /mnt) == 0 ]]
	sick trial:fail "has no share 'nosuch'" "//$HOST1/nosuch" --try -o "credentials=$CRED"
	credentials "$CRED" acct1 "$ACCT2_KEY1"
	sick trial:fail 'does not accept the key of acct1' "//$HOST1/share" --try -o "credentials=$CRED"
	azure_block 'tcp dport 445 drop'
	sick port:fail 'a firewall drops it' "//$HOST1/share" --try -o "credentials=$CRED"
}

@test "doctor: sick kept tickets" {
	local ticket=/run/azfiles/$HOST1/system/ticket
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	identity '' 'it is good until'
	cp "$ticket" "$BATS_TEST_TMPDIR/ticket"
	sed -i "s,^server=.*,server=cifs/$HOST2@X," "$ticket"
	identity ccache:fail "and not for cifs/$HOST1"
	cp "$BATS_TEST_TMPDIR/ticket" "$ticket"
	printf 'time=1795371255\ncode=5004\ncause=the service was away\ncure=Wait\n' >"${ticket%ticket}failed"
	identity ccache:warn 'failed: the service was away'
	rm "${ticket%ticket}failed"
	sed -i 's/^expires=.*/expires=1795371255/' "$ticket"
	identity ccache:fail 'it expired at 2026-11-22'
	azfilesctl doctor --json "$MNT" >"$BATS_TEST_TMPDIR/answer" || true
	grep -q '"check": *"ccache"' "$BATS_TEST_TMPDIR/answer"
}
