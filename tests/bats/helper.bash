# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For the tests of the helper with a recorded mount(2), see unit/fake-mount.c.
#
# Every call runs in a mount name space of its own, whose /etc is $ETC: a stored
# key or a line in hosts is there for one test, and nobody else sees it. What the
# kernel calls modprobe is the program named in $ETC/kernel/modprobe. Tests
# tagged "valgrind" run below valgrind, too: together they go every way through
# the program once, and none looks at it in /proc, where they would see valgrind.
#
#   azf ARGUMENT...           run mount.azfiles and wait; as with bats' run,
#                             then $status, $output (stdout) and $stderr
#   azf_start ARGUMENT...     run it in the background: $pid; then azf_wait
#   recorded FIELD            what mount(2) got, of all calls, a line each

# shellcheck disable=SC2034 # used by the tests

bats_require_minimum_version 1.5.0

ACCT=acct1
HOST=$ACCT.file.core.windows.net
SRC=//$HOST/share
PORT=14450

setup() {
	: "${AZF_DOUBLE:?is set by tests/check}"
	cd "$BATS_TEST_TMPDIR" || return
	ETC=$BATS_TEST_TMPDIR/etc
	MNT=$BATS_TEST_TMPDIR/mnt
	CRED=$BATS_TEST_TMPDIR/cred
	mkdir -p "$ETC/azfiles/keys" "$MNT"
	cp /etc/passwd /etc/group "$ETC"
	cp /etc/ld.so.cache "$ETC" 2>/dev/null || true
	echo 'hosts: files' >"$ETC/nsswitch.conf"
	echo 'multi on' >"$ETC/host.conf"
	echo "127.0.0.2 $HOST" >"$ETC/hosts"
	: >"$ETC/resolv.conf"
	mkdir "$ETC/kernel"
	echo /bin/false >"$ETC/kernel/modprobe"
	(umask 077 && printf 'username=%s\npassword=SECRETKEY\n' "$ACCT" >"$CRED")
	OPTS=credentials=$CRED,retry=0,port=$PORT
	export AZF_TEST_RECORD=$BATS_TEST_TMPDIR/record
	: >"$AZF_TEST_RECORD"
	unset AZF_TEST_ERRNO
	pid='' listeners=()
}

teardown() {
	local child
	for child in $pid ${listeners[@]+"${listeners[@]}"}; do
		kill -KILL "$child" 2>/dev/null || true
	done
	wait
}

# What runs in the name space: $1 is its /etc.
# shellcheck disable=SC2016 # not for this shell
private='mount --bind "$1" /etc && mount --bind /etc/kernel /proc/sys/kernel && shift && exec "$@"'

azf() {
	# shellcheck disable=SC2086,SC2154 # several words; bats sets stderr
	run --separate-stderr unshare -m sh -c "$private" - "$ETC" \
		${AZF_WRAPPER:-} "$AZF_DOUBLE" "$@" </dev/null
	# a failed test shows them
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

azf_start() {
	# shellcheck disable=SC2086 # several words
	unshare -m sh -c "$private" - "$ETC" ${AZF_WRAPPER:-} "$AZF_DOUBLE" "$@" \
		</dev/null >stdout 2>stderr 3>&- &
	pid=$!
}

azf_wait() {
	status=0
	wait "$pid" || status=$?
	output=$(<stdout)
	stderr=$(<stderr)
	pid=''
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# At most ten seconds until the command succeeds.
within() {
	local i
	for ((i = 0; i < 200; i++)); do
		"$@" && return
		sleep 0.05
	done
	echo "never: $*"
	return 1
}

# Until the program said that it tries again: then it is in the wait.
waits() { within grep -q 'trying again' stderr; }

recorded() { sed -n "s/^$1=//p" "$AZF_TEST_RECORD"; }
calls() { recorded source | wc -l; }

# succeeds | fails STATUS: and nothing in the output that should not be there.
succeeds() { [ "$status" -eq 0 ] && quiet; }
fails() { [ "$status" -eq "$1" ] && quiet; }
quiet() { [[ $output$stderr != *SECRET* ]]; }

# One line on stderr of this form, and nothing on stdout.
# says CAUSE [CURE]: both are patterns.
says() {
	[[ -z $output ]] || return
	[[ $stderr != *$'\n'* ]] || return
	local line="mount.azfiles: *: $1"
	# shellcheck disable=SC2053 # patterns
	[[ $stderr == $line || $stderr == $line.\ ${2:-*} ]]
}

# listen ADDRESS: something answers on TCP port $PORT there.
listen() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1],
			Listen => 5, ReuseAddr => 1) or die "listen: $!\n";
		print "ready\n"; close STDOUT;
		while (my $c = $s->accept) { }' "$1" "$PORT" >"listener-$1" 3>&- &
	listeners+=($!)
	within grep -q ready "listener-$1"
}
