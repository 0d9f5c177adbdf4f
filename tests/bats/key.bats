#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl key: what is stored of what was given, and what is refused.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

# The keys hold a word that no output may have.
KEY1=$(printf 'SECRET%080d==' 1)
KEY2=$(printf 'SECRET%080d==' 2)
KEY3=$(printf 'SECRET%080d==' 3)

# key ARGUMENT...: azfilesctl key, with the standard input of the caller.
key() {
	# shellcheck disable=SC2086 # several words
	run --separate-stderr unshare -m sh -c "$private" - "$ETC" \
		${AZF_WRAPPER:-} "${AZF_DOUBLE%/tests/*}/azfilesctl" key "$@"
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# add KEY... -- ARGUMENT...: key add, with the keys in lines on standard input.
add() {
	local lines=()
	while [[ $1 != -- ]]; do
		lines+=("$1")
		shift
	done
	shift
	printf '%s\n' "${lines[@]}" >input
	key add "$@" <input
}

# stored NAME LINE...: the file has these lines and no others.
stored() {
	local file=$ETC/azfiles/keys/$1.cred
	shift
	printf '%s\n' "$@" | diff - "$file" && [[ $(stat -c %a "$file") == 600 ]]
}

# refuses CAUSE [CURE]: status 32, one line.
refuses() {
	fails 32 && [[ -z $output && $stderr != *$'\n'* ]] || return
	# shellcheck disable=SC2053 # patterns
	[[ $stderr == azfilesctl:\ $1.\ ${2:-*} || $stderr == azfilesctl:\ $1 ]]
}

# bats test_tags=valgrind
@test "one key, and a second one later" {
	add "$KEY1" -- acct1
	succeeds
	stored acct1 username=acct1 "password=$KEY1"
	add "$KEY2" -- acct1 --second
	succeeds
	stored acct1 username=acct1 "password=$KEY1" "password2=$KEY2"
	[ "$(ls -A "$ETC/azfiles/keys")" = acct1.cred ]
}

@test "both keys at once, and a mount has them" {
	add "$KEY1" "$KEY2" -- "$ACCT"
	succeeds
	azf "$SRC" "$MNT" -o "rw,retry=0,port=$PORT"
	succeeds
	[[ ,$(recorded data), == *",username=$ACCT,"* ]]
	[[ ,$(recorded data), == *",password=$KEY1,password2=$KEY2,"* ]]
}

# bats test_tags=valgrind
@test "a key that is stored is replaced only when told so" {
	add "$KEY1" "$KEY2" -- acct1
	add "$KEY3" -- acct1
	refuses "a key of acct1 is stored already" "Use --replace*--second*"
	add "$KEY3" -- acct1 --second
	refuses "a second key of acct1 is stored already" "Use --replace*"
	stored acct1 username=acct1 "password=$KEY1" "password2=$KEY2"
	add "$KEY3" -- acct1 --replace
	succeeds
	stored acct1 username=acct1 "password=$KEY3" "password2=$KEY2"
	add "$KEY1" -- acct1 --second --replace
	succeeds
	stored acct1 username=acct1 "password=$KEY3" "password2=$KEY1"
}

@test "the second key needs a first one" {
	add "$KEY1" -- acct1 --second
	refuses "no first key of acct1 is stored" "Store it first*"
	add "$KEY1" "$KEY2" -- acct1 --second
	fails 1
	[ ! -e "$ETC/azfiles/keys/acct1.cred" ]
}

@test "rotate: the old key becomes the second, the oldest goes" {
	add "$KEY1" -- acct1
	key rotate acct1 <<<"$KEY2"
	succeeds
	[ -z "$output$stderr" ]
	stored acct1 username=acct1 "password=$KEY2" "password2=$KEY1"
	key rotate "$ACCT.file.core.windows.net" <<<"$KEY3"
	succeeds
	stored acct1 username=acct1 "password=$KEY3" "password2=$KEY2"
	before=$(stat -c %i "$ETC/azfiles/keys/acct1.cred")
	printf '%s\n' "$KEY3" >new
	key rotate acct1 --no-mounts --file "$PWD/new"
	succeeds
	[ "$output" = 'acct1: the key is stored already' ]
	[ "$before" = "$(stat -c %i "$ETC/azfiles/keys/acct1.cred")" ]
	stored acct1 username=acct1 "password=$KEY3" "password2=$KEY2"
}

# bats test_tags=valgrind
@test "rotate: what it refuses leaves the keys as they are" {
	key rotate acct1 <<<"$KEY1"
	refuses "no key of acct1 is stored" "Store it with 'azfilesctl key add acct1'*"
	add "$KEY1" "$KEY2" -- acct1
	key rotate acct1 <<<"${KEY3:0:80}"
	refuses "this is not a storage account key: *"
	printf '%s\n' "$KEY3" "$KEY2" >input
	key rotate acct1 <input
	fails 1
	key rotate acct1 "$KEY3" </dev/null
	fails 1
	stored acct1 username=acct1 "password=$KEY1" "password2=$KEY2"
}

# bats test_tags=valgrind
@test "what is no key is refused and not shown" {
	add "${KEY1:0:80}" -- acct1
	refuses "this is not a storage account key: it has 80 characters*" \
		"*az storage account keys list -n acct1"
	add "password=$KEY1" -- acct1
	refuses "this is not a storage account key: it has 97 characters*"
	add '' -- acct1
	refuses "no key was given*" "Give it on the standard input"
	add "$KEY1" "$KEY2" "$KEY3" -- acct1
	refuses "there are more than two lines*"
	head -c 5000 /dev/zero | tr '\0' k >input
	key add acct1 <input
	refuses "cannot read the key from the standard input: *"
	printf 'SECRET\0behind\n' >input
	key add nas.example <input
	refuses "there is a NUL byte in the key" "Give it as plain text, not as UTF-16"
	key add acct1 --file "$PWD/none"
	refuses "cannot read the key from $PWD/none: No such file*"
	[ -z "$(ls -A "$ETC/azfiles/keys")" ]
}

@test "a file, and what copying leaves around a key" {
	printf '\r\n  %s \r\n\r\n%s' "$KEY1" "$KEY2" >input
	key add acct1 --file "$PWD/input"
	succeeds
	stored acct1 username=acct1 "password=$KEY1" "password2=$KEY2"
}

@test "the account in any spelling is one account" {
	add "$KEY1" -- Acct1.File.core.windows.net
	succeeds
	stored acct1 username=acct1 "password=$KEY1"
	add "$KEY1" -- ACCT1
	refuses "a key of acct1 is stored already"
	for name in a/b '' ../x .x //acct1 user@acct1; do
		add "$KEY1" -- "$name"
		fails 1
	done
	[ "$(ls -A "$ETC/azfiles/keys")" = acct1.cred ]
}

@test "another server has passwords of any form" {
	add ' SECRET word ' -- nas.example
	succeeds
	stored nas.example 'password= SECRET word '
	add 'SECRET' -- nas --username 'DOM\me'
	succeeds
	stored nas username=me domain=DOM password=SECRET
	azf //NAS.example/share "$MNT" -o "rw,username=u,retry=0,port=$PORT,ip=127.0.0.2"
	succeeds
	[[ $(recorded data) == *"password= SECRET word "* ]]
}

@test "names in a file made by hand are kept" {
	printf '# mine\nuser=X\\who\npass=%s\n' "$KEY1" >"$ETC/azfiles/keys/acct1.cred"
	add "$KEY2" -- acct1 --replace
	succeeds
	stored acct1 username=who domain=X "password=$KEY2"
}

# bats test_tags=valgrind
@test "the list has names, kinds and dates, and no key" {
	add "$KEY1" "$KEY2" -- acct2
	add "$KEY1" -- acct1
	touch -d '2026-01-02 03:04' "$ETC/azfiles/keys/acct1.cred"
	key list
	succeeds
	[[ ${lines[0]} == ACCOUNT* && ${#lines[@]} == 3 ]]
	[[ $(xargs <<<"${lines[1]}") == "acct1 file 1 2026-01-02 03:04" ]]
	[[ $(xargs <<<"${lines[2]}") == "acct2 file 2 "* ]]
}

# bats test_tags=valgrind
@test "delete forgets both keys, once" {
	add "$KEY1" "$KEY2" -- acct1
	key delete acct1
	succeeds
	[ -z "$(ls -A "$ETC/azfiles/keys")" ]
	key delete acct1
	refuses "no key of acct1 is stored"
}

@test "without the directory it is made" {
	rm -r "$ETC/azfiles"
	key list
	succeeds
	add "$KEY1" -- acct1
	succeeds
	[ "$(stat -c %a "$ETC/azfiles/keys")" = 700 ]
	chmod 770 "$ETC/azfiles/keys"
	add "$KEY2" -- acct1 --replace
	fails 2
	stored acct1 username=acct1 "password=$KEY1"
}
