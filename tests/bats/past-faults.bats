#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults that programs like ours have had, tried on ours. azfiles-security(7) names
# the other tests of the same kind.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

ADDRESS=127.0.0.2

# kernel_has [NAME=VALUE | -NAME]...: in the data of the last mount(2)
kernel_has() { recorded data | tail -n 1 | python3 "$BATS_TEST_DIRNAME/kernel-options.py" "$@"; }

# in_run COMMAND...: with a /run and a libexec of ours; azfiles-credential is a
# script that notes its environment and gives a ticket.
in_run() {
	mkdir -p run/mount run/fake libexec/azfiles
	: >run/mount/utab
	printf '%s\n' '#!/bin/sh' 'cat >/dev/null' 'tr "\0" "\n" <"/proc/$$/environ" >/run/fake/environment' \
		'ls -l "/proc/$$/fd" >/run/fake/files' 'exec cat /run/fake/answer' \
		>libexec/azfiles/azfiles-credential
	chmod 0755 libexec/azfiles/azfiles-credential
	printf '%s\n' result=ok "server=cifs/$HOST@R" principal=p@R "starts=$EPOCHSECONDS" \
		"expires=$((EPOCHSECONDS + 7200))" '' ccache >run/fake/answer
	unshare -m sh -c 'mount --bind "$1" /etc && mount --bind "$2" /run &&
		mount --bind "$3" /usr/libexec && shift 3 && exec "$@"' \
		- "$ETC" "$PWD/run" "$PWD/libexec" "$@"
}

# ---- values that are too long: CVE-2022-27239 ----

@test "ip= that is longer than an address overflows nothing" {
	local value long
	long=$(printf '1%.0s' {1..4000})
	for value in "$long" "$ADDRESS$long" "$(printf '1111:%.0s' {1..12})" "fe80::1%$long" "%$long"; do
		azf "$SRC" "$MNT" -o "$OPTS,ip=$value"
		[ "$status" -eq 1 ] || [ "$status" -eq 32 ]
		quiet
		[[ $stderr != *Sanitizer* ]]
		[ "$(calls)" -eq 0 ]
	done
}

# ---- one option becomes two ----

@test "a comma in a credentials file adds no option" {
	local word
	for word in 'x,ro' ',x,' ',,' 'p,ip=6.6.6.6' ',,,ro,,'; do
		printf 'username=%s\ndomain=%s\npassword=%s\n' "$word" "$word" "$word" >"$CRED"
		azf "$SRC" "$MNT" -o "$OPTS,rw"
		[ "$status" -eq 0 ]
		kernel_has "username=$word" "domain=$word" "password=$word" "ip=$ADDRESS" -ro
		[[ $(recorded flags | tail -n 1) == 0 ]]
	done
	printf '%s\n' 'username=a,uid=0,\b' password=SECRET >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	kernel_has 'domain=a,uid=0,' username=b -uid
}

@test "a comma in the source adds no option" {
	azf "//$HOST/share,ro,uid=0" "$MNT" -o "$OPTS"
	succeeds
	[ "$(recorded source)" = "//$HOST/share,ro,uid=0" ]
	kernel_has -ro -uid
	echo password=SECRET >"$CRED"
	azf "//a,ro.file.core.windows.net/share" "$MNT" -o "$OPTS,ip=$ADDRESS"
	succeeds
	kernel_has username=a,ro -ro
}

@test "a line break or a NUL byte in a credentials file adds no option" {
	printf 'username=a\rip=6.6.6.6\npassword=SECRET\r\n' >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	kernel_has "ip=$ADDRESS" password=SECRET
	printf 'username=a\npassword=SECRET\0,ro\n' >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	fails 32
	says "the credentials file $CRED contains a NUL byte"
}

# length_is NAME: the user's name, and how many bytes mount(2) gets
length_is() {
	printf 'username=%s\npassword=SECRET\n' "$1" >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	recorded data | tail -n 1 | tr -d '\n' | wc -c
}

@test "a doubled comma at the end of what the kernel takes is whole, or an error" {
	local room name
	length_is u >length
	room=$((4095 - $(tail -n 1 length) + 1))
	name=$(printf "%*s" "$((room - 2))" '' | tr ' ' u)
	length_is "$name," >length
	[ "$(tail -n 1 length)" -eq 4095 ]
	kernel_has "username=$name," password=SECRET
	for name in "$name,," "$name,u" "u$name,"; do
		printf 'username=%s\npassword=SECRET\n' "$name" >"$CRED"
		azf "$SRC" "$MNT" -o "$OPTS"
		fails 1
		says "the options are longer than the 4095 bytes that the kernel takes" '*'
	done
}

@test "empty words among the options do not make the kernel stop" {
	local list
	for list in ",,$OPTS,,ro," "$OPTS,,,nobrl,"; do
		azf "$SRC" "$MNT" -o "$list"
		succeeds
		kernel_has password=SECRETKEY
	done
}

# ---- another table's lines: utab, fstab ----

@test "a line break in the mount point adds no line to utab" {
	local target=$'mnt\nID=1 SRC=evil TARGET=evil OPTS=user'
	mkdir "$target"
	run in_run "$AZF_DOUBLE" "$SRC" "$PWD/$target" -o "$OPTS,_netdev,user"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(calls)" -eq 1 ]
	[ ! -s run/mount/utab ]
	azf $'//host/share\nSRC=evil' "$MNT" -o "$OPTS"
	fails 1
	[[ $stderr != *$'\n'* ]]
}

# ---- a shell, and what it would make of words: CVE-2020-14342 ----

@test "no word is a command" {
	local word='$(touch pwned)`touch pwned`;touch pwned;|touch pwned&'
	azf "//$word/share" "$MNT" -o "$OPTS"
	azf "$SRC/$word" "$MNT" -o "$OPTS"
	azf "$SRC" "$word" -o "$OPTS"
	azf "$SRC" "$MNT" -o "rw,credentials=$PWD/$word,retry=0"
	azf "$SRC" "$MNT" -o "rw,username=$word,password=$word,retry=0"
	azf "$SRC" "$MNT" -o "identity=exec:$word,retry=0"
	# its name goes to systemd-creds
	echo c2VhbGVk >"$ETC/azfiles/keys/$word.cred.enc"
	azf "//$word/share" "$MNT" -o "retry=0"
	fails 32
	[[ $stderr == *systemd-creds* ]]
	[ -z "$(find . -name pwned)" ]
}

# ---- between the check and the use ----

@test "a mount point that is swapped for a link while it tries again" {
	mkdir -p owned/point victim
	export AZF_TEST_ERRNO=111,111,111,0
	azf_start "$SRC" "$PWD/owned/point" -o "$OPTS,retry=60"
	waits
	mv owned/point owned/old
	ln -s "$PWD/victim" owned/point
	azf_wait
	succeeds
	[ "$(recorded target | tail -n 1)" = "$PWD/owned/old" ]
}

@test "a directory above the mount point that is swapped for a link while it tries again" {
	mkdir -p owned/a/point victim/point
	export AZF_TEST_ERRNO=111,111,111,0
	azf_start "$SRC" "$PWD/owned/a/point" -o "$OPTS,retry=60"
	waits
	mv owned/a owned/old
	ln -s "$PWD/victim" owned/a
	azf_wait
	succeeds
	[ "$(recorded target | tail -n 1)" = "$PWD/owned/old/point" ]
}

# ---- what is inherited ----

@test "closed standard files are not taken by others" {
	local closed fd link
	export AZF_TEST_ERRNO=111
	for closed in '1>&-' '0<&- 2>&-' '0<&- 1>&- 2>&-'; do
		: >"$AZF_TEST_RECORD"
		unshare -m sh -c 'mount --bind "$1" /etc && shift && exec "$@" '"$closed" \
			- "$ETC" "$AZF_DOUBLE" -v "$SRC" "$MNT" -o "$OPTS,retry=60" \
			</dev/null >stdout 2>stderr 3>&- &
		pid=$!
		within grep -q source= "$AZF_TEST_RECORD"
		for fd in 0 1 2; do
			link=$(readlink "/proc/$pid/fd/$fd")
			echo "$closed: $fd is $link"
			if [[ $closed == *"${fd}<"* || $closed == *"${fd}>"* ]]; then
				[ "$link" = / ]
			else
				[ "$link" != / ]
			fi
		done
		kill "$pid"
		wait "$pid" || true
		pid=
	done
}

@test "closed standard files are there for azfiles-credential" {
	run in_run sh -c 'exec "$@" 0<&- 1>&- 2>&-' - "$AZF_DOUBLE" "$SRC" "$MNT" \
		-o "identity=system,retry=0,port=$PORT,ip=$ADDRESS"
	[ "$status" -eq 0 ]
	cat run/fake/files
	grep -qE ' 2 -> ' run/fake/files
	[ ! -s "run/azfiles/$HOST/system/lock" ]
}

@test "a caller that ignores its children changes nothing" {
	run in_run env --ignore-signal=CHLD "$AZF_DOUBLE" "$SRC" "$MNT" \
		-o "identity=system,retry=0,port=$PORT,ip=$ADDRESS"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(calls)" -eq 1 ]
}

@test "the umask neither opens nor locks what is kept" {
	local mask
	for mask in 0000 0777; do
		rm -rf run
		run in_run sh -c "umask $mask; exec \"\$@\"" - "$AZF_DOUBLE" "$SRC" "$MNT" \
			-o "identity=system,retry=0,port=$PORT,ip=$ADDRESS"
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$(stat -c %a run/azfiles "run/azfiles/$HOST" "run/azfiles/$HOST/system" | sort -u)" = 700 ]
		[ "$(stat -c %a "run/azfiles/$HOST/system/"* | sort -u)" = 600 ]
	done
}

@test "a hostile environment changes no mount and reaches no other program" {
	local hostile=(KRB5_CONFIG="$PWD/evil" KRB5CCNAME="FILE:$PWD/evil" KRB5_TRACE="$PWD/trace"
		GSS_MECH_CONFIG="$PWD/evil" SSL_CERT_FILE="$PWD/evil" SSL_CERT_DIR="$PWD" SSLKEYLOGFILE="$PWD/trace"
		OPENSSL_CONF="$PWD/evil" CURL_CA_BUNDLE="$PWD/evil" CURL_HOME="$PWD" HOME="$PWD"
		http_proxy="http://127.0.0.3:$PORT" https_proxy="http://127.0.0.3:$PORT" ALL_PROXY="http://127.0.0.3:$PORT"
		LIBMOUNT_FSTAB="$PWD/evil" LIBMOUNT_MTAB="$PWD/evil" LIBMOUNT_UTAB="$PWD/trace"
		LIBMOUNT_FORCE_MOUNT2=never LIBMOUNT_KERNEL_CIFS=evil RES_OPTIONS=debug LOCALDOMAIN=evil
		HOSTALIASES="$PWD/evil" GCONV_PATH="$PWD" LOCPATH="$PWD" TMPDIR="$PWD" USER=evil PASSWD=SECRETEVIL
		PASSWD_FILE="$PWD/evil" PASSWD_FD=0 PATH="$PWD/bin:$PATH" IFS=/ ENV="$PWD/bin/evil" BASH_ENV="$PWD/bin/evil")
	mkdir bin
	printf '#!/bin/sh\ntouch %s/trace\n' "$PWD" | tee bin/evil bin/modprobe bin/cat bin/systemd-creds >bin/mount.cifs
	chmod 0755 bin/*
	echo "evil $HOST" >evil
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	AZF_WRAPPER="env ${hostile[*]}" azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ "$(calls)" -eq 2 ]
	[ "$(recorded data | sort -u | wc -l)" -eq 1 ]
	[ "$(recorded target | sort -u | wc -l)" -eq 1 ]
	run in_run env "${hostile[@]}" "$AZF_DOUBLE" "$SRC" "$MNT" \
		-o "identity=system,retry=0,port=$PORT,ip=$ADDRESS"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(<run/fake/environment)" = PATH=/usr/sbin:/usr/bin:/sbin:/bin ]
	[ ! -e trace ]
}

# The program itself: neither the proxy nor the files of the environment.
@test "azfiles-credential takes nothing from its environment" {
	echo 'azfiles:x:990:990::/:/bin/false' >>"$ETC/passwd"
	echo "imds_endpoint=http://$ADDRESS:$PORT" >"$ETC/azfiles/azfiles.conf"
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.3", LocalPort => $ARGV[0],
			Listen => 5, ReuseAddr => 1) or die "listen: $!\n";
		print "ready\n"; $| = 1; $s->accept and print "proxied\n"; print ""; sleep 60' \
		"$PORT" >proxy 3>&- &
	listeners+=($!)
	sleep 0.2
	printf 'host=%s\nidentity=system\nprobe=metadata\ndeadline=5\n' "$HOST" >request
	run unshare -m sh -c 'mount --bind "$1" /etc && mkdir -p run && mount --bind run /run &&
		exec env "http_proxy=http://127.0.0.3:$3" "ALL_PROXY=http://127.0.0.3:$3" "KRB5_TRACE=$PWD/trace" \
		"SSLKEYLOGFILE=$PWD/trace" "$2" <request | cat' \
		- "$ETC" "${AZF_DOUBLE%/tests/*}/azfiles-credential" "$PORT"
	echo "$output"
	# its limit of memory is too low for AddressSanitizer
	[[ -n ${ASAN_OPTIONS:-} || $output == *"the metadata service at $ADDRESS:$PORT cannot be reached"* ]]
	run ! grep -q proxied proxy
	[ ! -e trace ]
}

# ---- terminals ----

@test "no text of a service or of a line moves the terminal's cursor" {
	azf $'//host\x1b[2J/share' "$MNT" -o "$OPTS"
	fails 1
	[[ $stderr != *$'\x1b'* ]]
	azf "$SRC" $'/no\xc2\x9b2J\x9d' -o "$OPTS"
	fails 32
	[[ $stderr != *$'\xc2\x9b'* ]]
}
