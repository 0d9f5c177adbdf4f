#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The calling convention of mount(8).

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

# bats test_tags=valgrind
@test "source, target and -o: one call of mount(2)" {
	azf "$SRC" "$MNT" -o "rw,$OPTS"
	succeeds
	[ -z "$output$stderr" ]
	[ "$(calls)" -eq 1 ]
	[ "$(recorded source)" = "$SRC" ]
	[ "$(recorded target)" = "$MNT" ]
	[ "$(recorded type)" = cifs ]
	[ "$(recorded flags)" = 0 ]
	[ "$(recorded data)" = "ip=127.0.0.2,port=$PORT,username=$ACCT,mfsymlinks,nosharesock,serverino,echo_interval=10,actimeo=30,password=SECRETKEY" ]
}

@test "arguments come in any order" {
	azf -o "rw,$OPTS" "$SRC" "$MNT"
	succeeds
	azf "$SRC" -o "rw,$OPTS" "$MNT" -n
	succeeds
	azf -n "$SRC" "$MNT" "-orw,$OPTS"
	succeeds
	azf -s -n -o "rw,$OPTS" -t azfiles -- "$SRC" "$MNT"
	succeeds
	[ "$(calls)" -eq 4 ]
	[ "$(recorded data | sort -u | wc -l)" -eq 1 ]
}

@test "-o is repeated, and the last word counts" {
	azf "$SRC" "$MNT" -o "$OPTS" -o vers=3.0,seal -o vers=3.1.1
	succeeds
	[[ $(recorded data) == *,seal,vers=3.1.1,* ]]
}

@test "the source reaches the kernel as it was typed" {
	local source
	for source in "//ACCT1.file.core.windows.net/Share/" "$SRC//a b/ä"; do
		: >"$AZF_TEST_RECORD"
		azf "$source" "$MNT" -o "$OPTS"
		succeeds
		[ "$(recorded source)" = "$source" ]
	done
}

@test "flags become flags of mount(2), not words" {
	azf "$SRC" "$MNT" -o "ro,nosuid,nodev,noexec,sync,noatime,$OPTS"
	succeeds
	# MS_RDONLY|NOSUID|NODEV|NOEXEC|SYNCHRONOUS|NOATIME
	[ "$(recorded flags)" = 0x41f ]
	[[ $(recorded data) != *nosuid* ]]
	[[ $(recorded data) != *ro,* ]]
}

@test "each flag is one of mount(2), and the last word counts" {
	local all=ro,nosuid,nodev,noexec,sync,dirsync,mand,noatime,nodiratime,relatime,strictatime
	all+=,lazytime,iversion,nosymfollow,silent
	azf "$SRC" "$MNT" -o "$all,$OPTS"
	succeeds
	azf "$SRC" "$MNT" -o "$all,rw,suid,dev,exec,async,nomand,atime,diratime,norelatime,$OPTS"
	azf "$SRC" "$MNT" -o "$all,nostrictatime,nolazytime,noiversion,symfollow,loud,$OPTS"
	azf "$SRC" "$MNT" -o "owner,suid,$OPTS"
	azf "$SRC" "$MNT" -o "suid,group,$OPTS"
	# as libmount has them; nothing takes dirsync back
	[ "$(recorded flags | tr '\n' ' ')" = "0x3a08ddf 0x3808180 0x200cdf 0x4 0x6 " ]
}

@test "-r is ro and -w is rw, each as the last word" {
	azf -r "$SRC" "$MNT" -o "rw,$OPTS"
	succeeds
	azf -w "$SRC" "$MNT" -o "ro,$OPTS"
	succeeds
	[ "$(recorded flags | tr '\n' ' ')" = "0x1 0 " ]
}

@test "what mount(8) and systemd act on does not reach the kernel" {
	azf "$SRC" "$MNT" -o "rw,_netdev,nofail,auto,user,x-systemd.automount,X-mount.mkdir,comment=x,$OPTS"
	succeeds
	[[ $(recorded data) != *netdev* && $(recorded data) != *nofail* ]]
	[[ $(recorded data) != *x-* && $(recorded data) != *mkdir* ]]
	[[ $(recorded data) != *user,* && $(recorded data) != *comment* ]]
	# "user" implies these
	[ "$(recorded flags)" = 0xe ]
}

# bats test_tags=valgrind
@test "-s ignores unknown options, and the kernel never gets sloppy" {
	azf "$SRC" "$MNT" -o "bogus,other=1,seal,$OPTS"
	fails 1
	[ "$(calls)" -eq 0 ]
	azf -s "$SRC" "$MNT" -o "bogus,other=1,seal,$OPTS"
	succeeds
	[[ $(recorded data) == *seal* && $(recorded data) != *bogus* ]]
	[[ $(recorded data) != *sloppy* ]]
}

@test "-f does everything but mount, and prints nothing" {
	azf -f "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ -z "$output$stderr" ]
	[ "$(calls)" -eq 0 ]
	azf -f "$SRC" "$MNT" -o "credentials=$CRED.none"
	fails 32
	azf -f "$SRC" "$MNT/none" -o "$OPTS"
	fails 32
}

# bats test_tags=valgrind
@test "-v shows the plan, and stars for the key" {
	azf -v "$SRC" "$MNT" -o "ro,seal,domain=D,$OPTS,password2=SECRETTWO"
	succeeds
	[[ $output == *"target $MNT"* ]]
	[[ $output == *"seal"* ]]
	[[ $output == *"127.0.0.2"* ]]
	[[ $output == *"$ACCT"*"********"*"$CRED"* ]]
	[ "$(recorded data | grep -c SECRETKEY)" -eq 1 ]
}

@test "-fv shows the plan without mounting" {
	azf -fv "$SRC" "$MNT" -o "rw,password=SECRETKEY,password2=SECRETTWO,retry=0"
	succeeds
	[[ $output == *"********"* ]]
	[ "$(calls)" -eq 0 ]
}

@test "-V prints name and version" {
	azf -V
	succeeds
	[[ $output =~ ^mount\.azfiles\ \(azfiles\)\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ -z "$stderr" ]
}

# bats test_tags=valgrind
@test "-h prints how to call it and every option" {
	azf -h
	succeeds
	[[ $output == "Usage: mount -t azfiles "* ]]
	[[ $output == *"credentials=FILE"* && $output == *"[no]serverino"* ]]
	[ -z "$stderr" ]
}

@test "-h and -V notice that nobody can read them" {
	run bash -c '"$AZF_DOUBLE" -h >/dev/full'
	[ "$status" -ne 0 ]
	run bash -c '"$AZF_DOUBLE" -V >/dev/full'
	[ "$status" -ne 0 ]
}

@test "azfiles-credential says in its own words how to call it" {
	local program=${AZF_DOUBLE%/tests/*}/azfiles-credential
	for word in -x --help word; do
		run -1 "$program" "$word"
		[[ $output == "azfiles-credential: it takes no arguments; "* && $output != *$'\n'* ]]
	done
	# shellcheck disable=SC2016 # not for this shell
	run -2 sh -c 'exec "$1" -V >/dev/full' - "$program"
}

@test "-t can be azfiles only" {
	azf "$SRC" "$MNT" -t azfiles -o "$OPTS"
	succeeds
	azf "$SRC" "$MNT" -t cifs -o "$OPTS"
	fails 1
	[[ $stderr == *"type (-t)"* ]]
}

# bats test_tags=valgrind
@test "wrong calls end with 1 and say how it is called" {
	local arguments
	for arguments in "" "$SRC" "$SRC $MNT more" "-x $SRC $MNT" "$SRC $MNT -o" \
		"$SRC $MNT --options x" "-N" "$SRC $MNT -t"; do
		# shellcheck disable=SC2086 # several words
		azf $arguments
		fails 1
		[ -z "$output" ]
		[[ $stderr == "mount.azfiles: "*"mount.azfiles -h"* ]]
		[[ $stderr != *$'\n'* ]]
	done
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "-N mounts in another name space" {
	local other
	unshare -m --propagation private sh -c "mkdir -p inside && mount -t tmpfs none inside &&
		mkdir inside/target && echo ready && exec sleep 60" >ready 3>&- &
	other=$!
	listeners+=("$other")
	within grep -q ready ready
	azf "$SRC" "$PWD/inside/target" -o "$OPTS"
	fails 32
	azf "$SRC" "$PWD/inside/target" -o "$OPTS" -N "/proc/$other/ns/mnt"
	succeeds
	[ "$(recorded target)" = "$PWD/inside/target" ]
	[ "$(recorded namespace)" = "$(readlink "/proc/$other/ns/mnt")" ]
}

# bats test_tags=valgrind
@test "-N that is no name space ends with 2" {
	azf "$SRC" "$MNT" -o "$OPTS" -N /etc/passwd
	fails 2
	says "cannot use the name space /etc/passwd" "Check *-N"
	azf "$SRC" "$MNT" -o "$OPTS" -N /nowhere
	fails 2
}

@test "whoever is not root gets 1 and a cure" {
	# without a mapping, root is 65534 in a user name space
	# shellcheck disable=SC2086 # several words
	run --separate-stderr unshare -U ${AZF_WRAPPER:-} "$AZF_DOUBLE" "$SRC" "$MNT" -o rw
	fails 1
		[[ $stderr == "mount.azfiles: $SRC: only root can mount. "*sudo*x-systemd.automount* ]]
	[ -z "$output" ]
}

# bats test_tags=valgrind
@test "a target that is none ends with 32" {
	touch file
	azf "$SRC" "$PWD/none" -o "$OPTS"
	fails 32
	says "the mount point $PWD/none does not exist" "*mkdir -p*X-mount.mkdir*"
	azf "$SRC" "$PWD/file" -o "$OPTS"
	fails 32
	says "the mount point $PWD/file is not a directory"
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "remount sends options only, and needs a mount" {
	azf "$SRC" "$MNT" -o "remount,ro,$OPTS"
	fails 32
	says "no share is mounted on $MNT" "*'remount'"
	[ "$(calls)" -eq 0 ]
}
