#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One line that says what is wrong and what to do about it.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

# wrong CAUSE CURE ARGUMENT...: refused with 1, before mount(2).
wrong() {
	azf "${@:3}"
	fails 1
	says "$1" "$2"
	[ "$(calls)" -eq 0 ]
}

@test "a typo is named, with the nearest option" {
	wrong "unknown option 'verz'" "*'vers'?" "$SRC" "$MNT" -o "$OPTS,verz=3.0"
	wrong "unknown option 'sael'" "*'seal'?" "$SRC" "$MNT" -o "$OPTS,sael"
	wrong "unknown option 'nomfsymlink'" "*'nomfsymlinks'?" "$SRC" "$MNT" -o "$OPTS,nomfsymlink"
	wrong "unknown option 'zzzzzzzzz'" "*mount.azfiles -h*" "$SRC" "$MNT" -o "$OPTS,zzzzzzzzz"
}

@test "a bad value is named, with a good one" {
	wrong "bad value '4.0' of the option 'vers'" "*3.1.1*" "$SRC" "$MNT" -o "$OPTS,vers=4.0"
	wrong "bad value 'rwx' of the option 'file_mode'" "*0755*" "$SRC" "$MNT" -o "$OPTS,file_mode=rwx"
	wrong "bad value 'nobodyknows' of the option 'uid'" "*getent passwd*" "$SRC" "$MNT" -o "$OPTS,uid=nobodyknows"
	wrong "bad value 'host' of the option 'ip'" "*10.0.0.4*" "$SRC" "$MNT" -o "$OPTS,ip=host"
	wrong "bad value '0' of the option 'port'" "*1 to 65535*" "$SRC" "$MNT" -o "$OPTS,port=0"
}

# bats test_tags=valgrind
@test "sources in another spelling are refused with the right one" {
	local source
	for source in "\\\\$HOST\\share" "https://$HOST/share" "smb://$HOST/share" \
		"cifs://$HOST/share" "$HOST:/share" "//$HOST\\share" "HTTPS://$HOST/share"; do
		wrong "the source '${source//\\/\\\\}' is not in the form //HOST/SHARE" "Write it as $SRC" \
			"$source" "$MNT" -o "$OPTS"
	done
}

@test "a source without a share is refused with an example" {
	wrong "the source '//$HOST' names no share" "*//myaccount*" "//$HOST" "$MNT" -o "$OPTS"
	wrong "the source '///share' *" "*//myaccount*" "///share" "$MNT" -o "$OPTS"
	wrong "the source 'share' *" "*//myaccount*" share "$MNT" -o "$OPTS"
}

@test "a signature or password in a pasted URL is not shown" {
	local source
	for source in "https://$HOST/share?sv=2026&sig=SECRET" "//$HOST/share?sig=SECRET" \
		"smb://$ACCT:SECRET@$HOST/share" "//$ACCT:SECRET@$HOST/share" \
		"smb://$ACCT:SEC/RET==SECRET@$HOST/share" "$ACCT:SECRET@$HOST:/share"; do
		azf "$source" "$MNT" -o "$OPTS"
		fails 1
		[[ $stderr == *"Write it as $SRC" ]]
		azf -v "$source" "$MNT" -o "bogus,$OPTS"
		fails 1
	done
}

@test "a control character in the source does not reach the terminal" {
	azf $'//host/sh\033[2Jare\nx' "$MNT" -o "$OPTS"
	fails 1
	[[ $stderr != *$'\033'* && $stderr != *$'\n'* ]]
	[[ $stderr == *"contains a control character"* ]]
}

# bats test_tags=valgrind
@test "a file that is not there" {
	azf "$SRC" "$MNT" -o "credentials=$PWD/none"
	fails 32
	says "cannot read the credentials file $PWD/none: *" "Create it*chmod 600 it"
}

@test "a file without a password" {
	echo "username=$ACCT" >"$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	fails 32
	says "the file $CRED has no password" "*password=KEY*"
}

@test "a file that is a directory, and one that is too large" {
	azf "$SRC" "$MNT" -o "credentials=$PWD"
	fails 32
	says "the credentials file $PWD is not a regular file*"
	head -c 20000 /dev/zero | tr '\0' x >large
	chmod 600 large
	azf "$SRC" "$MNT" -o "credentials=$PWD/large"
	fails 32
	says "cannot read the credentials file $PWD/large: *"
}

@test "a file that others can read works, with a warning" {
	chmod 644 "$CRED"
	azf "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[[ $stderr == "mount.azfiles: $SRC: warning: "*"0644"*"chmod 600 $CRED" ]]
	[ "$(calls)" -eq 1 ]
}

# bats test_tags=valgrind
@test "a key on the line works, with a warning" {
	azf "$SRC" "$MNT" -o "username=AZURE\\$ACCT,password=SECRETKEY,retry=0"
	succeeds
	[[ $stderr == "mount.azfiles: $SRC: warning: "*"credentials=FILE" ]]
	[[ $(recorded data) == *"username=$ACCT,domain=AZURE,"*",password=SECRETKEY" ]]
}

# bats test_tags=valgrind
@test "a stored key is found by the account" {
	printf 'password=SECRETKEY\n' >"$ETC/azfiles/keys/$ACCT.cred"
	chmod 600 "$ETC/azfiles/keys/$ACCT.cred"
	azf "//ACCT1.file.core.windows.net/share" "$MNT" -o "rw,retry=0"
	succeeds
	[ -z "$stderr" ]
	[[ $(recorded data) == *"username=$ACCT,"*",password=SECRETKEY" ]]
}

@test "a stored key of another server is found by its name" {
	printf 'username=me\npassword=SECRETKEY\n' >"$ETC/azfiles/keys/127.0.0.9.cred"
	chmod 600 "$ETC/azfiles/keys/127.0.0.9.cred"
	azf "//127.0.0.9/share" "$MNT" -o "rw,retry=0"
	succeeds
	[[ $(recorded data) == "ip=127.0.0.9,port=445,username=me,"* ]]
}

# bats test_tags=valgrind
@test "no key at all: where to put it" {
	azf "$SRC" "$MNT" -o rw,retry=0
	fails 32
	says "no key of $ACCT was given, and none is stored" "Store it with 'azfilesctl key add $ACCT'*"
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "a name that does not resolve" {
	azf "//other.$HOST/share" "$MNT" -o "user=u,$OPTS"
	fails 32
	says "*other.$HOST*" "Check *"
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "options longer than the kernel takes" {
	azf "$SRC" "$MNT" -o "$OPTS,context=$(printf '%04000d' 0)"
	fails 1
	says "the options are longer than the 4095 bytes *"
	[ "$(calls)" -eq 0 ]
}

# bats test_tags=valgrind
@test "what is in the way at mount(2) is explained" {
	local row errno cause
	for row in "1 the kernel does not let this process mount" "2 $HOST has no share 'share'" \
		"13 the key from $CRED is not a storage account key*" \
		"16 $MNT is busy*" "19 this kernel*has no cifs file system" \
		"22 the kernel*does not accept the options" "95 *SMB dialect*" "5 mount(2) failed: *"; do
		errno=${row%% *} cause=${row#* }
		export AZF_TEST_ERRNO=$errno
		azf "$SRC" "$MNT" -o "$OPTS"
		fails 32
		says "$cause" "*"
	done
}

@test "a pasted line of the Azure portal works but for its type" {
	azf "$SRC" "$MNT" -o "rw,nofail,vers=2.1,dir_mode=0777,file_mode=0777,serverino,username=AZURE\\$ACCT,password=SECRETKEY/x+y==,retry=0"
	succeeds
	[[ $(recorded data) == *",vers=2.1,dir_mode=0777,file_mode=0777,"*",password=SECRETKEY/x+y==" ]]
}
