#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Nobody sees a key: not in ps, not in output, not in a core file.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

@test "the command line shows stars while it waits" {
	export AZF_TEST_ERRNO=111
	azf_start "$SRC" "$MNT" -o "rw,password=SECRETKEY,pass2=SECRET,,TWO,retry=60" -o password=SECRETTHREE
	waits
	tr '\0' ' ' <"/proc/$pid/cmdline" >cmdline
	[[ $(<cmdline) == *"password=*********,pass2=***********,retry=60"* ]]
	[[ $(<cmdline) != *SECRET* ]]
	[[ $(<stderr) != *SECRET* ]]
}

@test "a misspelt password= is not shown either" {
	export AZF_TEST_ERRNO=111
	azf_start -s "$SRC" "$MNT" -o "$OPTS,pasword=SECRETKEY,retry=60"
	waits
	[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") != *SECRET* ]]
}

@test "the environment holds no key" {
	export AZF_TEST_ERRNO=111
	azf_start "$SRC" "$MNT" -o "rw,password=SECRETKEY,retry=60"
	waits
	[[ $(tr '\0' ' ' <"/proc/$pid/environ") != *SECRET* ]]
}

@test "there is no core file after SIGABRT" {
	ulimit -c unlimited
	export AZF_TEST_ERRNO=111
	azf_start "$SRC" "$MNT" -o "$OPTS,retry=60"
	waits
	grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits"
	kill -ABRT "$pid"
	azf_wait
	[ "$status" -eq 134 ]
	run bash -c 'ls core*'
	[ "$status" -ne 0 ]
}

@test "the memory is closed to others of the same user" {
	export AZF_TEST_ERRNO=111
	# none with capabilities, or it would be those that close it
	local bare=(setpriv --bounding-set -all --inh-caps -all --)
	"${bare[@]}" sleep 60 3>&- &
	listeners+=($!)
	within "${bare[@]}" grep -q BATS "/proc/$!/environ"
	AZF_WRAPPER="${bare[*]}" azf_start "$SRC" "$MNT" -o "$OPTS,ip=127.0.0.2,retry=60"
	waits
	run "${bare[@]}" grep -q BATS "/proc/$pid/environ"
	[ "$status" -ne 0 ]
}

# bats test_tags=valgrind
@test "a password with a comma is not told" {
	azf "$SRC" "$MNT" -o "rw,password=SECRETLEFT,SECRETRIGHT"
	fails 1
	says "what follows the comma behind password= is no option" "*credentials=FILE"
	azf -s "$SRC" "$MNT" -o "rw,password=SECRETLEFT,SECRETRIGHT=SECRET"
	fails 1
}

# bats test_tags=valgrind
@test "a password with doubled commas reaches the kernel as it should" {
	azf "$SRC" "$MNT" -o "password=SECRET,,a,,,,b,ro,retry=0"
	[ "$status" -eq 0 ]
	[[ $(recorded data) == *",password=SECRET,,a,,,,b" ]]
	[ "$(recorded flags)" = 0x1 ]
	printf 'password=SECRET,a,,b=c \n' >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[[ $(recorded data) == *",password=SECRET,,a,,,,b=c " ]]
}

# bats test_tags=valgrind
@test "a line of a file that is none is not shown" {
	printf 'SECRET\npasswort=SECRET\npassword=SECRETKEY\n' >"$CRED"
	azf -v "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[[ $stderr == *"line 1 of $CRED"*"line 2 of $CRED"* ]]
}

@test "wrong calls do not show it" {
	azf "$SRC" "$MNT" -o "password=SECRET" more
	fails 1
	azf "$SRC" "$MNT" -o "password=SECRET" -x
	fails 1
	azf "$SRC" "$MNT" -o "bogus" -o "password=SECRET,vers=9,password2=SECRET"
	fails 1
	azf https://x "$MNT" -o "password=SECRET"
	fails 1
	azf -v "$SRC" "$MNT/none" -o "password=SECRET"
	fails 32
}

@test "libmount's debug output does not show it" {
	export LIBMOUNT_DEBUG=all
	azf "$SRC" "$MNT" -o "password=SECRETKEY,password2=SECRETTWO,retry=0"
	succeeds
	[[ $stderr == *libmount* ]]
}

@test "a FIFO in the place of a file does not stop it" {
	mkfifo fifo
	azf "$SRC" "$MNT" -o "credentials=$PWD/fifo"
	fails 32
	says "the credentials file $PWD/fifo is not a regular file*"
}
