#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl login, logout, whoami: what is kept in the kernel, and for whom. The
# kernel's table of mounts is a file of ours.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

eval "common_$(declare -f setup)"
setup() {
	common_setup
	printf '22 1 0:20 / / rw - ext4 /dev/vda rw\n' >mountinfo
	# a user whom nobody else has, since keyrings are the machine's
	user=$((100000 + $$ % 30000 * 30 + RANDOM % 30))
	echo "tester:x:$user:$user::/:/bin/sh" >>"$ETC/passwd"
	echo '127.0.0.3 files.example' >>"$ETC/hosts"
	echo '::3 files.example' >>"$ETC/hosts"
	chmod 0755 "$BATS_TEST_TMPDIR" "$ETC"
}

# shellcheck disable=SC2016 # not for this shell
fixture='mount --bind "$1" /etc && mount --bind "$2/mountinfo" /proc/$$/mountinfo &&
	shift 2 && exec "$@"'

# as_user COMMAND...: with the standard input of the caller, in a session of its own.
as_user() {
	unshare -m sh -c "$fixture" - "$ETC" "$BATS_TEST_TMPDIR" keyctl session - \
		setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}

# ctl ARGUMENT...: as that user.
ctl() {
	# shellcheck disable=SC2086 # several words
	run --separate-stderr as_user ${AZF_WRAPPER:-} "${AZF_DOUBLE%/tests/*}/azfilesctl" "$@"
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

say() {
	local word=$1
	shift
	ctl "$@" <<<"$word"
}

# mounted TARGET SOURCE OPTIONS
mounted() {
	printf '%d 22 0:40 / %s rw,relatime - cifs %s rw,vers=3.1.1,%s\n' $((30 + RANDOM)) \
		"$1" "$2" "$3" >>mountinfo
}

keys() { as_user grep -o 'logon *cifs:[^ ]*: [0-9]*' /proc/keys | sed 's/logon *//' | sort; }
# The kernel removes them when it has the time.
no_keys() { [[ -z $(keys) ]]; }

@test "login: a key for each address, with name and password" {
	say SECRET-1 login files.example
	[[ $status == 0 && $output == 'tester at files.example ('*'127.0.0.3'*') until logout or a reboot' ]]
	quiet
	keys
	# tester:SECRET-1
	[[ $(keys) == $'cifs:a:127.0.0.3: 15\ncifs:a:::3: 15' ]]
	ctl logout files.example
	[[ $status == 0 && $output == 'the key for files.example is forgotten' ]]
	within no_keys
	ctl logout files.example
	[[ $status == 0 && $output == 'there was no key for files.example' ]]
}

@test "login: the mount's address counts, too, and a name that is gone" {
	mounted /m //files.example/s multiuser,addr=192.0.2.7
	mounted /n //gone.example/s multiuser,addr=192.0.2.8
	mounted /o //files.example/s sec=krb5,multiuser,addr=192.0.2.9
	mounted /p //files.example/s addr=192.0.2.10
	say SECRET login --user 'D\me' files.example
	[[ $status == 0 && $(keys) == $'cifs:a:127.0.0.3: 11\ncifs:a:192.0.2.7: 11\ncifs:a:::3: 11' ]]
	say SECRET login gone.example
	[[ $status == 0 && $stderr == *'warning: '*'gone.example'* && $(keys) == *'192.0.2.8'* ]]
	say SECRET login nowhere.example
	fails 32
	[[ $stderr == *nowhere.example* ]]
	# the addresses of then, also when the mount is gone
	: >mountinfo
	ctl logout files.example
	ctl logout gone.example
	within no_keys
}

@test "login: the account's key at Azure; domains; an end" {
	say SECRET login "$HOST"
	fails 32
	[[ $stderr == *'not a storage account key'* ]]
	key=$(printf '%085d==' 0)
	say "${key}A" login "$HOST"
	fails 32
	key=$(head -c 64 /dev/zero | base64 -w0)
	say "$key" login -t 2h "$HOST"
	[[ $status == 0 && $output == "$ACCT at $HOST (127.0.0.2) until 20"* ]]
	[[ $(keys) == "cifs:a:127.0.0.2: 94" ]]
	say SECRET login --domain TEAM --user me
	[[ $status == 0 && $output == 'me at TEAM until logout or a reboot' && $(keys) == *cifs:d:TEAM* ]]
	ctl logout --domain TEAM
	ctl logout "$HOST"
	within no_keys
}

@test "login: one address of two hosts" {
	echo '127.0.0.3 other.example' >>"$ETC/hosts"
	say SECRET login files.example
	say SECRET login other.example
	[[ $status == 0 && $stderr == *'warning: files.example also has the address 127.0.0.3'* ]]
	quiet
	ctl logout files.example
	ctl logout other.example
}

@test "login: what is refused" {
	say SECRET login
	fails 1
	say SECRET login files.example --domain TEAM
	fails 1
	ctl login files.example WORD
	fails 1
	say SECRET login files.example --user a:b
	fails 1
	[[ $stderr == *colon* ]]
	say SECRET login files.example --timeout 0
	fails 1
	say SECRET login files.example --timeout 1w
	fails 1
	say '' login files.example
	fails 32
	say $'SECRET1\nSECRET2' login files.example
	fails 1
	within no_keys
	user=0 say SECRET login files.example
	fails 1
	[[ $stderr == *'root acts with the credential of the mount itself'* ]]
}

@test "whoami: by a key, by a ticket, as nobody" {
	ctl whoami
	[[ $status == 0 && $output == 'there is no mount with multiuser'* ]]
	mounted /m //files.example/s multiuser,addr=127.0.0.3
	mounted /k //files.example/k sec=krb5,multiuser,addr=127.0.0.3
	mounted /s //files.example/single username=me,addr=127.0.0.3
	ctl whoami
	[[ $status == 64 && $output != *single* ]]
	[[ ${output//$'\n  '/ } == *"/m: no key of yours for files.example (127.0.0.3). Run 'azfilesctl login files.example'"* ]]
	[[ ${output//$'\n  '/ } == *"/k: there are no tickets of yours in FILE:/tmp/krb5cc_$user. Run kinit"* ]]
	say SECRET login files.example
	# each call here has a session that leads nowhere
	ctl whoami /m/
	[[ $status == 64 && ${output//$'\n  '/ } == *'kept, but is not found from here'* ]]
	# shellcheck disable=SC2016 # not for this shell
	run --separate-stderr as_user keyctl session - sh -c 'keyctl link @u @s && exec "$@"' sh \
		"${AZF_DOUBLE%/tests/*}/azfilesctl" whoami /m --json
	echo "$output"
	[[ $status == 0 && $output == *'"by": "key"'*'"name": "tester"'* ]]
	[[ $(KRB5CCNAME=FILE:/nowhere as_user "${AZF_DOUBLE%/tests/*}/azfilesctl" whoami /k) == *FILE:/nowhere* ]]
	ctl whoami /nowhere
	fails 32
	ctl logout files.example
	user=0 ctl whoami files.example
	[[ $status == 0 && $output == */m*mount* ]]
}
