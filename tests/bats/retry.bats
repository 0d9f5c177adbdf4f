#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What passes is tried again, what does not is not; keys and addresses in turn.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

# bats test_tags=valgrind
@test "a transient failure is tried again until it works" {
	export AZF_TEST_ERRNO=111,113,0
	azf "$SRC" "$MNT" -o "$OPTS,retry=20"
	succeeds
	[ "$(calls)" -eq 3 ]
	[[ $stderr == "mount.azfiles: $SRC: "*"; trying again for 20 seconds" ]]
}

@test "each errno that passes is tried again" {
	local errno
	for errno in 11 101 104 110 111 112 113 115; do
		export AZF_TEST_ERRNO=$errno,0
		azf "$SRC" "$MNT" -o "$OPTS,retry=20"
		succeeds
	done
	[ "$(calls)" -eq 16 ]
}

# bats test_tags=valgrind
@test "the time of retry= is an end" {
	export AZF_TEST_ERRNO=111
	SECONDS=0
	azf "$SRC" "$MNT" -o "$OPTS,retry=1"
	fails 32
	((SECONDS >= 1 && SECONDS <= 6))
	(($(calls) >= 2))
	[[ $stderr == *"nothing listens on TCP port $PORT of $HOST (127.0.0.2)"* ]]
}

@test "retry=0 is one attempt" {
	export AZF_TEST_ERRNO=111
	azf "$SRC" "$MNT" -o "$OPTS"
	fails 32
	[ "$(calls)" -eq 1 ]
	says "nothing listens on TCP port $PORT of $HOST (127.0.0.2)" "Check *"
}

@test "a lasting failure is not tried again" {
	local errno
	for errno in 1 2 5 13 16 19 22 95; do
		: >"$AZF_TEST_RECORD"
		export AZF_TEST_ERRNO=$errno
		azf "$SRC" "$MNT" -o "$OPTS,retry=20"
		fails 32
		[ "$(calls)" -eq 1 ]
	done
}

# As with more than 50 mounts at once.
@test "the module that the kernel was too busy to load is loaded, once" {
	printf '#!/bin/sh\necho "$@" >>%s\n' "$PWD/modprobed" >modprobe
	chmod +x modprobe
	echo "$PWD/modprobe" >"$ETC/kernel/modprobe"
	export AZF_TEST_ERRNO=19,0
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ "$(calls)" -eq 2 ]
	export AZF_TEST_ERRNO=19
	azf "$SRC" "$MNT" -o "$OPTS"
	fails 32
	[ "$(calls)" -eq 4 ]
	says "this kernel (*) has no cifs file system"
	[ "$(<modprobed)" = "$(printf -- '-q -- fs-cifs\n-q -- fs-cifs')" ]
}

@test "a name that resolves later is waited for" {
	echo >"$ETC/hosts"
	azf_start "$SRC" "$MNT" -o "$OPTS,retry=20"
	waits
	echo "127.0.0.2 $HOST" >"$ETC/hosts"
	azf_wait
	succeeds
	[ "$(calls)" -eq 1 ]
}

@test "without a terminal it tries for 75 seconds" {
	export AZF_TEST_ERRNO=111
	azf_start "$SRC" "$MNT" -o "credentials=$CRED"
	waits
	[[ $(<stderr) == *"for 75 seconds" ]]
}

@test "on a terminal it tries once" {
	export AZF_TEST_ERRNO=111
	run timeout 20 script -qec "unshare -m sh -c '$private' - $ETC $AZF_DOUBLE $SRC $MNT -o credentials=$CRED,port=$PORT" /dev/null
	[ "$status" -eq 32 ]
	[ "$(calls)" -eq 1 ]
}

@test "-f tries once" {
	azf -f "//nowhere.$HOST/share" "$MNT" -o "username=u,credentials=$CRED"
	fails 32
	[[ $stderr != *"trying again"* ]]
}

@test "SIGTERM in the wait ends it with 8" {
	local signal
	export AZF_TEST_ERRNO=111
	for signal in TERM INT HUP; do
		azf_start "$SRC" "$MNT" -o "$OPTS,retry=60"
		waits
		sleep 0.1
		kill "-$signal" "$pid"
		SECONDS=0
		azf_wait
		fails 8
		((SECONDS <= 3))
		[[ $stderr == *"nothing listens on"* ]]
	done
}

@test "both keys go to a kernel that knows both" {
	echo password2=SECRETTWO >>"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ "$(calls)" -eq 1 ]
	[[ $(recorded data) == *,password=SECRETKEY,password2=SECRETTWO ]]
}

# bats test_tags=valgrind
@test "to one that does not, the first and then the second" {
	echo password2=SECRETTWO >>"$CRED"
	export AZF_TEST_ERRNO=22,13,0
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	recorded data | diff - <(
		rest="ip=127.0.0.2,port=$PORT,username=$ACCT,mfsymlinks,nosharesock,serverino,echo_interval=10,actimeo=30"
		echo "$rest,password=SECRETKEY,password2=SECRETTWO"
		echo "$rest,password=SECRETKEY"
		echo "$rest,password=SECRETTWO"
	)
	[[ $stderr == *"warning: $HOST refused the first key"*"$CRED" ]]
}

@test "a stored key that is refused is to be rotated" {
	printf 'username=%s\npassword=SECRETKEY\npassword2=SECRETTWO\n' "$ACCT" \
		>"$ETC/azfiles/keys/$ACCT.cred"
	chmod 600 "$ETC/azfiles/keys/$ACCT.cred"
	export AZF_TEST_ERRNO=22,13,0
	azf "$SRC" "$MNT" -o "retry=0,port=$PORT"
	succeeds
	[[ $stderr == *"warning: $HOST refused the first key, the second one works. "*"'azfilesctl key rotate $ACCT'" ]]
}

@test "a first key that works is not warned of" {
	echo password2=SECRETTWO >>"$CRED"
	export AZF_TEST_ERRNO=22,0
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ -z "$stderr" ]
	[ "$(calls)" -eq 2 ]
}

@test "two wrong keys are one failure" {
	echo password2=SECRETTWO >>"$CRED"
	export AZF_TEST_ERRNO=22,13,13
	azf "$SRC" "$MNT" -o "$OPTS,retry=20"
	fails 32
	[ "$(calls)" -eq 3 ]
}

@test "with one key, EINVAL and EACCES are final" {
	export AZF_TEST_ERRNO=22,0
	azf "$SRC" "$MNT" -o "$OPTS"
	fails 32
	[ "$(calls)" -eq 1 ]
}

# addresses: the addresses that mount(2) got, in one line.
addresses() { recorded data | sed 's/^ip=\([^,]*\),.*/\1/' | tr '\n' ' '; }

three_addresses() {
	printf '127.0.0.%d %s\n' 2 "$HOST" 3 "$HOST" 4 "$HOST" >"$ETC/hosts"
}

@test "of several addresses the one that answers comes first" {
	three_addresses
	listen 127.0.0.3
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ "$(addresses)" = "127.0.0.3 " ]
}

# bats test_tags=valgrind
@test "when mount(2) fails there, the others have their turn" {
	three_addresses
	listen 127.0.0.4
	export AZF_TEST_ERRNO=112,111,0
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ "$(addresses)" = "127.0.0.4 127.0.0.2 127.0.0.3 " ]
}

@test "a lasting failure at one address is not tried at the next" {
	three_addresses
	export AZF_TEST_ERRNO=13
	azf "$SRC" "$MNT" -o "$OPTS,retry=20"
	fails 32
	[ "$(addresses)" = "127.0.0.2 " ]
}

@test "each round of attempts has all addresses" {
	three_addresses
	export AZF_TEST_ERRNO=111,111,111,111,0
	azf "$SRC" "$MNT" -o "$OPTS,retry=20"
	succeeds
	[ "$(addresses)" = "127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.2 127.0.0.3 " ]
}

@test "ip= and addr= are used instead of what the name says" {
	three_addresses
	azf "$SRC" "$MNT" -o "$OPTS,ip=127.0.0.7"
	succeeds
	azf "$SRC" "$MNT" -o "$OPTS,addr=::1"
	succeeds
	azf "//nowhere.$HOST/share" "$MNT" -o "user=u,$OPTS,ip=127.0.0.8"
	succeeds
	[ "$(addresses)" = "127.0.0.7 ::1 127.0.0.8 " ]
}

# bats test_tags=valgrind
@test "IPv6: from the name, in brackets, with a scope" {
	echo "::1 $HOST" >"$ETC/hosts"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	azf "//[::1]/share" "$MNT" -o "$OPTS"
	succeeds
	azf "//[fe80::1%lo]/share" "$MNT" -o "$OPTS"
	succeeds
	[ "$(addresses)" = "::1 ::1 fe80::1%1 " ]
}

# As Ctrl-C and systemd do it.
@test "SIGINT to all of its processes while a ticket is got ends it with 8" {
	local first
	mkdir -p run libexec/azfiles
	# shellcheck disable=SC2016 # not for this shell
	printf '%s\n' '#!/bin/sh' 'if [ -e /run/first ]; then' \
		'rm /run/first; printf "result=fail\ntransient=1\ncause=no luck\n\n"; exit; fi' \
		'echo started >&2' 'exec sleep 30' >libexec/azfiles/azfiles-credential
	chmod 0755 libexec/azfiles/azfiles-credential
	for first in '' run/first; do
		[ -z "$first" ] || touch "$first"
		rm -f stderr # that of the first time says "started", too
		setsid unshare -m sh -c 'mount --bind "$1" /run && mount --bind "$2" /usr/libexec && shift 2 && exec "$@"' \
			- "$PWD/run" "$PWD/libexec" "$AZF_DOUBLE" "$SRC" "$MNT" -o identity=system,retry=60 \
			</dev/null >stdout 2>stderr 3>&- &
		pid=$!
		within grep -q started stderr
		kill -INT -- "-$pid"
		azf_wait
		fails 8
		[[ $stderr != *Install* ]]
		# what it waited for, if that is known
		[[ ${stderr##*$'\n'} == "mount.azfiles: $SRC: ${first:+no luck}"* ]]
	done
}
