#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesauthmanager: its arguments, what it prints, to the byte, and config.yaml.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

REALM=FILES.AZURE.STORAGE.MICROSOFT.COM
ID=0a1b2c3d-4e5f-6789-abcd-ef0123456789

eval "common_$(declare -f setup)"

# /run and the directory of azfiles-credential are the test's own. In its place is a
# program that keeps the request, and gives the ticket in $BATS_TEST_TMPDIR/HOST.
setup() {
	common_setup
	mkdir -p libexec/{azfiles,valgrind} cache "$ETC/azfilesauth"
	printf 'KRB5_CC_NAME: %s/cache/cc\nUSER_UID: 0\n' "$PWD" >"$ETC/azfilesauth/config.yaml"
	cat >libexec/azfiles/azfiles-credential <<-EOF2
		#!/bin/bash
		cd "$PWD" || exit
		cat >request
		host=\$(sed -n 's/^host=//p' request)
		[[ -e ticket.\$host ]] ||
			{ printf 'result=fail\\ncause=the role is missing\\ncure=Assign it\\n\\n'; exit; }
		now=\$EPOCHSECONDS
		printf '%s\\n' result=ok starts=\$((now - 60)) expires=\$((now + 3600)) \\
			"server=cifs/\$host@$REALM" "principal=AzureFileClient@$REALM" ''
		cat "ticket.\$host"
	EOF2
	chmod 0755 libexec/azfiles/azfiles-credential
	export TZ=UTC
}

# shellcheck disable=SC2016 # not for this shell
there='[ ! -d /usr/libexec/valgrind ] || mount --bind /usr/libexec/valgrind libexec/valgrind
	mount -t tmpfs none /run && mount --rbind libexec /usr/libexec && exec "$@"'

# manager ARGUMENT...: with the standard input of the caller.
manager() {
	# shellcheck disable=SC2086 # several words
	run --separate-stderr unshare -m sh -c "$private" - "$ETC" sh -c "$there" - \
		${AZF_WRAPPER:-} "${AZF_DOUBLE%/tests/*}/azfilesauthmanager" "$@"
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# a_ticket FILE HOST [END [CLIENT]]: a file of credentials, format 4.
a_ticket() {
	python3 - "$REALM" "$@" <<-'PYTHON'
		import struct, sys
		realm, path, host = sys.argv[1:4]
		end = int((sys.argv[4:] + ["4000000000"])[0])
		client = (sys.argv[5:] + ["AzureFileClient"])[0]
		def data(x): return struct.pack(">I", len(x)) + x
		def name(*parts): return struct.pack(">II", 1, len(parts)) + data(realm.encode()) + b"".join(data(p.encode()) for p in parts)
		start = end - 86215
		with open(path, "wb") as f:
		    f.write(b"\x05\x04\0\0" + name(client) + name(client) + name("cifs", host))
		    f.write(struct.pack(">H", 18) + data(b"k" * 32) + struct.pack(">IIII", start, start, end, end))
		    f.write(b"\0" + struct.pack(">III", 0x00800000, 0, 0) + data(b"t" * 200) + data(b""))
	PYTHON
}

# refuses CAUSE CURE: status 1, one line, no token in it.
refuses() {
	fails 1 && [[ -z $output && $stderr != *$'\n'* ]] || return
	# shellcheck disable=SC2053 # patterns
	[[ $stderr == azfilesauthmanager:\ $1.\ $2 ]]
}

config() { printf '%s\n' "$@" >"$ETC/azfilesauth/config.yaml"; }

# bats test_tags=valgrind
@test "compat: list is as documented, to the byte" {
	a_ticket cache/cc acct1.file.core.windows.net 1765169127
	manager list
	succeeds
	diff - <(printf '%s\n' "$output") <<-END
		Using Kerberos cache: $PWD/cache/cc
		Credential 1:
		  Server: cifs/acct1.file.core.windows.net@$REALM
		  Client: AzureFileClient@$REALM
		  Realm: $REALM
		  Ticket flags: 8388608
		  Ticket start time: 12/07/25 04:48:32 UTC (epoch: 1765082912)
		  Ticket end time:   12/08/25 04:45:27 UTC (epoch: 1765169127)
		  Ticket renew till: 12/08/25 04:45:27 UTC (epoch: 1765169127)
	END
	manager list --json
	succeeds
	diff - <(printf '%s\n' "$output") <<-END
		[
		  {
		    "server": "cifs/acct1.file.core.windows.net@$REALM",
		    "client": "AzureFileClient@$REALM",
		    "realm": "$REALM",
		    "ticket_flags": 8388608,
		    "ticket_start_time": "12/07/25 04:48:32 UTC (epoch: 1765082912)",
		    "ticket_end_time": "12/08/25 04:45:27 UTC (epoch: 1765169127)",
		    "ticket_renew_till": "12/08/25 04:45:27 UTC (epoch: 1765169127)"
		  }
		]
	END
}

@test "compat: no cache is an empty one; what is none is an error" {
	manager list
	succeeds
	[ "$output" = "Using Kerberos cache: $PWD/cache/cc" ]
	manager list --json
	succeeds
	[ "$output" = '[]' ]
	manager clear "https://$HOST"
	succeeds
	[ "$output" = 'azfilesauthmanager clear: 0' ]
	echo text >cache/cc
	for verb in list "list --json" "clear https://$HOST"; do
		# shellcheck disable=SC2086 # two words
		manager $verb
		refuses "cannot use the ticket cache $PWD/cache/cc: it is no credential cache: *" "Move it away, or *"
	done
	[ "$(<cache/cc)" = text ]
	rmdir cache 2>/dev/null || rm -r cache
	manager list
	refuses "cannot use the ticket cache $PWD/cache/cc: No such file or directory" "Make its directory*"
}

# bats test_tags=valgrind
@test "compat: each form of set becomes a request, and is remembered without a secret" {
	a_ticket "ticket.$HOST" "$HOST"
	local workload="--workload-identity --tenant-id T --client-id $ID --token-file /t"
	manager set "https://$HOST" --system </dev/null
	succeeds
	[ -z "$output$stderr" ]
	grep -qx identity=system request
	manager set "https://$HOST/" --imds-client-id "${ID^^}"
	succeeds
	grep -qx identity=client request && grep -qx "client_id=$ID" request
	printf '%s\n' identity=client "client_id=$ID" | diff - "cache/cc.azfiles/$HOST"
	# shellcheck disable=SC2086 # several words
	manager set "https://$HOST" $workload --authority-host https://login.example/ --resource https://storage.azure.com/
	succeeds
	diff - <(grep -vE '^(host|deadline)=' request) <<-END
		identity=workload
		client_id=$ID
		tenant_id=T
		authority_host=https://login.example
		token_file=/t
	END
	manager set "https://$HOST" - <<<SECRETTOKEN
	succeeds
	[ -z "$stderr" ]
	grep -qx SECRETTOKEN request
	[ "$(stat -c %a cache/cc cache/cc.azfiles)" = $'600\n700' ]
	[ "$(cat "cache/cc.azfiles/$HOST")" = identity=token ]
	run ! grep -r SECRET cache
}

@test "compat: a token among the arguments works, is blotted out and warned about" {
	a_ticket "ticket.$HOST" "$HOST"
	sed -i "2a tr '\\\\0' ' ' </proc/\$PPID/cmdline >$PWD/cmdline" libexec/azfiles/azfiles-credential
	manager set "https://$HOST" SECRETTOKEN
	succeeds
	[[ $stderr == "azfilesauthmanager: warning: a token among the arguments "* && $stderr != *$'\n'* ]]
	grep -qx SECRETTOKEN request
	[[ $(<cmdline) == *"set https://$HOST *********** " ]]
}

@test "compat: hosts: privatelink, capitals, slashes; and what is none" {
	local uri
	a_ticket "ticket.$HOST" "$HOST"
	for uri in "https://$HOST///" "HTTPS://${HOST^^}" https://acct1.privatelink.file.core.windows.net; do
		rm -f request
		manager set "$uri" --system -v
		succeeds
		[ "$stderr" = "azfilesauthmanager: ticket for $HOST stored in $PWD/cache/cc" ]
		grep -qx "host=$HOST" request
	done
	[ "$(klist -c cache/cc | grep -c cifs/)" -eq 1 ]
	rm request
	for uri in "http://$HOST" "$HOST" "//$HOST"; do
		manager set "$uri" SECRETTOKEN
		refuses 'the endpoint does not begin with https://' 'Write https://*'
	done
	for uri in "https://$HOST/share" https://example.org https:// "https://$HOST@example.org" "https://$HOST:444"; do
		manager set "$uri" --system
		refuses "'*' is not the host of an Azure file endpoint" 'Write https://*'
	done
	[ ! -e request ]
}

@test "compat: arguments that make no sense" {
	local arguments
	while IFS='|' read -r arguments cause; do
		# shellcheck disable=SC2086 # several words
		manager $arguments </dev/null
		refuses "$cause" '*'
	done <<-END
		list --xml|list takes --json and nothing else
		list --json --json|list takes --json and nothing else
		clear|clear needs an endpoint
		clear https://$HOST x|clear needs an endpoint
		set https://$HOST|set needs an endpoint and an identity or a token
		set https://$HOST --system SECRETTOKEN|set takes one identity, or one token
		set https://$HOST SECRETA SECRETB|set takes one token
		set https://$HOST --system --imds-client-id $ID|--system, --imds-client-id and --workload-identity exclude each other
		set https://$HOST --imds-client-id|the last option needs a value
		set https://$HOST --system --system|an option is given twice
		set https://$HOST --sistem|set has no such option
		set https://$HOST --tenant-id T|set takes one identity, or one token
		set https://$HOST --system --tenant-id T|--tenant-id has no meaning with --system
		set https://$HOST --workload-identity --tenant-id T --client-id C|--workload-identity needs --token-file
		set https://$HOST --workload-identity --tenant-id T --client-id C --token-file /t --resource https://vault.azure.net|--resource https://vault.azure.net is not what Azure Files takes tokens for
		set https://$HOST --workload-identity --tenant-id T --client-id C --token-file /t --authority-host login|--authority-host login is not https://HOST
		set https://$HOST -|the standard input holds no token
	END
	manager
	fails 1
	[[ -z $output && $stderr == 'Usage:'* ]]
	manager --help
	succeeds
	[[ $output == 'Usage:'* ]]
	manager --version
	succeeds
	[ "$output" = 1.0.11 ]
}

@test "compat: a failure has one cause and a cure, and loses nothing" {
	a_ticket "ticket.$HOST" "$HOST"
	manager set "https://$HOST" --system
	cp cache/cc before
	rm "ticket.$HOST"
	manager set "https://$HOST" --system
	refuses 'the role is missing' 'Assign it'
	cmp cache/cc before
	# a cache of somebody else's
	a_ticket cache/cc acct2.file.core.windows.net 4000000000 alice
	cp cache/cc before
	a_ticket "ticket.$HOST" "$HOST"
	manager set "https://$HOST" --system
	refuses "*it belongs to another principal, alice@$REALM" 'Move it away, or *'
	cmp cache/cc before
}

@test "compat: config.yaml" {
	a_ticket "ticket.$HOST" "$HOST"
	config "# a comment" 'USER_UID:   65534' "KRB5_CC_NAME: \"FILE:$PWD/cache/quoted\"" \
		'LOG_DESTINATION: "file"' "LOG_FILE_PATH: '$PWD/log'" 'OTHER: [1, 2]' \
		'CURL_CONNECT_TIMEOUT: 3' 'CURL_TOTAL_TIMEOUT: 9' 'USER_UID: 1'
	manager set "https://$HOST" --system
	succeeds
	[ "$(stat -c '%u %a' cache/quoted)" = '65534 600' ]
	grep -qx connect_timeout=3 request && grep -qx total_timeout=9 request
	[ "$(stat -c %a log)" = 600 ]
	[[ $(<log) =~ ^20[0-9-]+\ [0-9:]+\ UTC\ \[INFO\]\ ticket\ for ]]
	config ''
	manager list
	succeeds
	[ "$output" = 'Using Kerberos cache: /tmp/krb5cc_0' ]
	rm "$ETC/azfilesauth/config.yaml"
	manager list --json
	succeeds
	while IFS='|' read -r line cause; do
		config "$line"
		manager list
		refuses "/etc/azfilesauth/config.yaml: $cause" '*'
	done <<-'END'
		USER_UID: local|USER_UID is not the number of a user
		USER_UID: -1|USER_UID is not the number of a user
		KRB5_CC_NAME: KEYRING:persistent:0|KRB5_CC_NAME is not the path of a file
		KRB5_CC_NAME: krb5cc|KRB5_CC_NAME is not the path of a file
		CURL_TOTAL_TIMEOUT: 0|CURL_TOTAL_TIMEOUT is not a number of seconds from 1 to 600
		- list|it does not consist of KEY: VALUE
		KRB5_CC_NAME: "x|line * is no YAML: *
	END
	# whoever writes it decides which files root writes
	config ''
	chmod 0666 "$ETC/azfilesauth/config.yaml"
	manager list
	refuses '/etc/azfilesauth/config.yaml is not a file that only root can write' 'chown root *'
	rm "$ETC/azfilesauth/config.yaml"
	mkfifo -m 0644 "$ETC/azfilesauth/config.yaml"
	manager list
	refuses '/etc/azfilesauth/config.yaml is not a file that only root can write' 'chown root *'
	rm "$ETC/azfilesauth/config.yaml"
}

@test "compat: a stranger's file, or a link, is not read" {
	a_ticket "ticket.$HOST" "$HOST"
	a_ticket cache/cc acct2.file.core.windows.net
	chown 65534 cache/cc
	manager list
	refuses "*it is not a file of root's or of USER_UID's" 'Remove it, or *'
	# where everybody may put one, it is replaced
	chmod 1777 cache
	manager set "https://$HOST" --system
	succeeds
	[[ $stderr == *'was not made by root or USER_UID, and is replaced' ]]
	[ "$(stat -c '%u %a' cache/cc)" = '0 600' ]
	[ "$(klist -c cache/cc | grep -c cifs/)" -eq 1 ]
	[ ! -e cache/cc.azfiles ]
	mv cache/cc target
	cp target before
	ln -s ../target cache/cc
	manager set "https://$HOST" --system
	succeeds
	[ ! -L cache/cc ]
	cmp target before
}

@test "compat: only root" {
	run --separate-stderr setpriv --reuid 65534 --clear-groups "${AZF_DOUBLE%/tests/*}/azfilesauthmanager" list
	refuses 'only root can use the cache of tickets' 'Use sudo'
}
