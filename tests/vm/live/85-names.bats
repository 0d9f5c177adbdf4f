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
for finding in json.load(sys.stdin):
    if finding["check"] in sys.argv[1:]:
        print(finding["level"], finding["cause"], finding.get("cure", ""))
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
		"but of LINUX-CLIENT-WI\$@$AD_REALM" '15 characters' \
		"principal=LINUX-CLIENT-WI\$@$AD_REALM"
	with "$AD_HOST" 'keytab=/etc/azf-test.keytab'
}
