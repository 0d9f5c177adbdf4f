#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Kerberos without Entra: the names, clocks, encryption types and ports of a domain.
load ../lib

KEYTAB=/etc/krb5.keytab

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup_file() { ad_up; }
teardown_file() { ad_down; }

setup() {
	common_setup
	ad_keytab "$KEYTAB" azvm
}

teardown() {
	common_teardown
	rm -f /etc/krb5.conf /etc/azf-test.keytab
}

# with HOST [OPTIONS]
with() { mount -t azfiles "//$1/vol1" "$MNT" -o "retry=0,identity=keytab${2:+,$2}"; }

# refused HOST OPTIONS WORDS...: the mount fails, and says so.
refused() {
	run with "$1" "$2"
	echo "$output"
	[[ $status == 32 ]]
	local words
	for words in "${@:3}"; do
		[[ $output == *"$words"* ]]
	done
}

# findings HOST CHECK...: what doctor says there, a line each: LEVEL CAUSE. CURE
findings() {
	azfilesctl doctor --json "//$1/vol1" -o "identity=keytab${options:+,$options}" |
		python3 -c '
import json, sys
for finding in json.load(sys.stdin)["findings"]:
    if finding["check"] in sys.argv[1:]:
        print(finding["level"], finding["cause"], finding["cure"] or "")
' "${@:2}" | tee /dev/stderr
}

server() { sed -n 's/^server=//p' "/run/azfiles/$1/keytab/ticket"; }

@test "names: an alias has the ticket of the name that it stands for" {
	with files.corp.example.com
	mounted "$MNT" sec=krb5
	[[ $(findmnt -no SOURCE "$MNT") == //files.corp.example.com/vol1 ]]
	[[ $(server files.corp.example.com) == "cifs/$AD_HOST@$AD_REALM" ]]
	ls "$MNT"
	# the upcall, when the server was away
	ad_files restart
	within 60 ls "$MNT"
}

@test "names: a name with an account of its own is asked for as it is" {
	with anf-aes.corp.example.com
	[[ $(server anf-aes.corp.example.com) == "cifs/anf-aes.corp.example.com@$AD_REALM" ]]
}

@test "names: a second address record and an address are told from an alias" {
	refused anf2.corp.example.com '' \
		'no server by the name of anf2.corp.example.com' \
		"reverse lookup calls that $AD_HOST" 'make anf2.corp.example.com a CNAME'
	refused "$AD_ADDRESS" '' "$AD_ADDRESS is an address" "ip=$AD_ADDRESS"
	with "$AD_HOST" "ip=$AD_ADDRESS"
	umount "$MNT"
	# what libkrb5 does unasked is done when it is asked for
	ad_krb5_conf
	sed -i 's/rdns = false/rdns = true/' /etc/krb5.conf
	with anf2.corp.example.com
	[[ $(server anf2.corp.example.com) == "cifs/$AD_HOST@$AD_REALM" ]]
}

@test "names: of a long one the domain has fifteen characters" {
	ad_keytab /etc/azf-test.keytab long
	refused "$AD_HOST" 'keytab=/etc/azf-test.keytab,principal=LINUX-CLIENT-WITH-A-LONG-NAME$' \
		"but of linux-client-wi\$@$AD_REALM" '15 characters' \
		"principal=linux-client-wi\$@$AD_REALM"
	with "$AD_HOST" 'keytab=/etc/azf-test.keytab'
}

# about SECONDS TEXT: the number of seconds in it is that, but for a slow machine.
about() {
	local seconds
	seconds=$(grep -oE '[0-9]+ seconds' <<<"$2" | head -n 1)
	seconds=${seconds% *}
	((seconds > $1 - 30 && seconds < $1 + 30))
}

@test "time: ten minutes are told in seconds" {
	# the domain is ahead: libkrb5 goes by its clock, so that the mount works
	ad_clock_skew +600
	run with "$AD_HOST"
	echo "$output"
	[[ $status == 0 && $output == *"seconds behind that of the server, and Kerberos allows 300"* ]]
	about 600 "$output"
	umount "$MNT"
	run findings "$AD_HOST" skew kdc
	[[ $output == *'fail '*' seconds behind that of '* ]]
	about 600 "$output"
}

@test "time: a server with another time than its domain" {
	ad_clock_skew +600 files
	run with "$AD_HOST"
	echo "$output"
	[[ $status == 32 && $output == *"seconds slow compared with that of $AD_HOST, and Kerberos allows 300"* ]]
	about 600 "$output"
}

@test "encryption: AES-256 alone, RC4 alone, and none in common" {
	ad_keytab /etc/azf-test.keytab azvm aes256-cts-hmac-sha1-96
	with anf-aes.corp.example.com keytab=/etc/azf-test.keytab
	umount "$MNT"
	ad_keytab /etc/azf-test.keytab azvm arcfour-hmac
	options=keytab=/etc/azf-test.keytab findings "$AD_HOST" enctypes ticket | tee "$BATS_TEST_TMPDIR/said"
	grep -q '^warn .* no encryption type in common but RC4' "$BATS_TEST_TMPDIR/said"
	grep -q '^ok the KDC gives' "$BATS_TEST_TMPDIR/said"
	ad_krb5_conf 'permitted_enctypes = aes256-cts'
	refused "$AD_HOST" keytab=/etc/azf-test.keytab \
		"/etc/azf-test.keytab has keys of AZVM\$@$AD_REALM for RC4 alone" 'permits AES-256'
	refused anf-rc4.corp.example.com '' \
		'server anf-rc4.corp.example.com has no encryption type that this machine permits (AES-256)'
}

@test "ports: doctor names the one that is blocked" {
	findings "$AD_HOST" keytab kdc domain enctypes ticket >"$BATS_TEST_TMPDIR/said"
	grep -q "^ok .*$KEYTAB has keys of AZVM\\\$@$AD_REALM" "$BATS_TEST_TMPDIR/said"
	grep -q "^ok the KDC gives AZVM" "$BATS_TEST_TMPDIR/said"
	[[ $(grep -cv '^ok ' "$BATS_TEST_TMPDIR/said") == 0 ]]
	ad_block "ip daddr $AD_DC_ADDRESS tcp dport 464 drop"
	findings "$AD_HOST" kdc domain >"$BATS_TEST_TMPDIR/said"
	grep -q "^warn TCP port 464 (change of passwords) of $AD_DC does not answer" "$BATS_TEST_TMPDIR/said"
	[[ $(grep -cv '^ok ' "$BATS_TEST_TMPDIR/said") == 1 ]]
	ad_unblock
	ad_block "ip daddr $AD_DC_ADDRESS tcp dport 88 drop"
	findings "$AD_HOST" kdc domain enctypes ticket >"$BATS_TEST_TMPDIR/said"
	grep -q "^fail TCP port 88 (Kerberos) of $AD_DC does not answer" "$BATS_TEST_TMPDIR/said"
	[[ $(grep -c '^fail ' "$BATS_TEST_TMPDIR/said") == 1 ]]
}
