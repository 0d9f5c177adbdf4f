#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl login, logout, whoami: each user of a mount with multiuser acts with
# their own password.
load ../lib

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

TEAM=/srv/azure/acct1/team
WORD=Correct-Horse-7

setup() {
	common_setup
	local user
	mkdir -m 1777 "$TEAM"
	for user in alice bob; do
		install -d -m 0700 -o "$user" "$TEAM/$user"
		install -m 0600 -o "$user" /dev/stdin "$TEAM/$user/note" <<<"$user's"
		printf '%s\n%s\n' "$WORD-$user" "$WORD-$user" | smbpasswd -s -a "$user" >/dev/null
	done
	azure_files_conf '[team]' "path = $TEAM" 'read only = no' 'valid users = acct1 alice bob'
	store_key acct1
}

teardown() {
	local user
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || cat /proc/keys
	for user in alice bob; do
		su - "$user" -c 'keyctl clear @u'
	done
	common_teardown
	for user in alice bob; do
		smbpasswd -x "$user" >/dev/null
	done
	rm -rf "$TEAM" /run/systemd/system/azf-login.service /run/azf-test/word
}

# as USER COMMAND: in a session as ssh and login make it.
as() { su - "$1" -c "$2"; }

# The host is Azure's: without --user it would be the account's key.
login() { echo "$WORD-$1" | as "$1" "azfilesctl login --user $1 $HOST1"; }

team() { mount -t azfiles "//$HOST1/team" "$MNT" -o "multiuser${1:+,$1}"; }

reads() { user_within 20 as "$1" "[ \"\$(cat $MNT/$1/note)\" = \"$1's\" ]"; }

by() { as "$1" 'azfilesctl whoami --json' | python3 -c 'import json, sys; x = json.load(sys.stdin)["mounts"][0]; print(x["by"], x["name"])'; }

@test "login: each user with their own password, on one mount at once; logout" {
	team
	mounted "$MNT" multiuser noperm
	ls "$MNT" # as root
	run as alice "azfilesctl whoami $MNT; cat $MNT/alice/note"
	echo "$output"
	[[ $status != 0 && ${output//$'\n  '/ } == *"no key of yours for $HOST1"*"azfilesctl login $HOST1"*'Permission denied'* ]]

	run login alice
	echo "$output"
	[[ $status == 0 && $output == "alice at $HOST1 ("*10.77.0.11*") until logout or a reboot" ]]
	reads alice
	# all in one session, in which the kernel remembers a refusal
	run as bob "cat $MNT/bob/note; azfilesctl login --user bob $HOST1 && sleep 2 && cat $MNT/bob/note" <<<"$WORD-bob"
	echo "$output"
	[[ $status == 0 && $output == *'Permission denied'*"bob's" ]]
	reads bob
	[[ $(by alice) == 'key alice' ]]

	# each at work, neither in the other's
	as alice "for n in \$(seq 30); do echo \$n >$MNT/alice/at-once; done; ! ls $MNT/bob" &
	as bob "for n in \$(seq 30); do echo \$n >$MNT/bob/at-once; done; ! cat $MNT/alice/note"
	wait $!
	[[ $(stat -c %U "$TEAM/alice/at-once" "$TEAM/bob/at-once") == alice$'\n'bob ]]

	# the password is in the key alone, which nobody reads, nor finds in another's session
	{ cat /proc/keys; as alice 'cat /proc/keys'; journalctl --boot --output=export; dmesg; } >/run/azf-test/said
	grep -q 'logon *cifs:a:10.77.0.11' /run/azf-test/said
	run ! grep -a "$WORD" /run/azf-test/said
	rm /run/azf-test/said
	key=$(as alice 'keyctl search @u logon cifs:a:10.77.0.11')
	run ! as alice "keyctl print $key"
	run ! keyctl link "$key" @s

	run as alice "azfilesctl logout $HOST1; azfilesctl logout $HOST1"
	echo "$output"
	[[ $output == "the key for $HOST1 is forgotten"*'10 to 20 minutes'*"there was no key for $HOST1" ]]
	# the session that is open goes on; the next one does not come about
	as alice "cat $MNT/alice/note"
	umount "$MNT"
	team
	run ! as alice "cat $MNT/alice/note"
	# a wrong one is the server's to refuse; the account's own key is acct1's
	echo wrong | as alice "azfilesctl login --user alice $HOST1"
	sleep 1.5
	run ! as alice "cat $MNT/alice/note"
	echo "$ACCT1_KEY1" | as alice "azfilesctl login $HOST1"
	user_within 20 as alice "touch $MNT/of-account"
	[[ $(stat -c %U "$TEAM/of-account") == acct1 ]]
	[[ $(azfilesctl whoami --json) == *mount* ]]
}

@test "login: a session of another user, a name that is not there" {
	team domain=TEAM
	# su keeps root's session: what is kept there would be everybody's
	run su alice -c "echo $WORD-alice | azfilesctl login -u alice $HOST1 -t 1h"
	echo "$output"
	[[ $output == *'keyring of another user'*'keyctl link @u @s'* ]]
	run -64 su alice -c "azfilesctl whoami $HOST1"
	run ! su alice -c "cat $MNT/alice/note"
	user_within 20 su alice -c "keyctl session - sh -c 'keyctl link @u @s && cat $MNT/alice/note'"
	as alice "azfilesctl logout $HOST1"
	run -32 as bob 'azfilesctl login nowhere.invalid </dev/null'
	[[ $output == *nowhere.invalid* ]]
}

@test "login: services, and a domain" {
	# services: with a keyring of their own, and with the user's
	team domain=TEAM
	echo "$WORD-alice" >/run/azf-test/word
	service "azfilesctl login -u alice $HOST1 && cat $MNT/alice/note"
	umount "$MNT"
	team domain=TEAM
	service "cat $MNT/alice/note" KeyringMode=shared
	as alice "azfilesctl logout $HOST1"
	umount "$MNT"

	team domain=TEAM
	echo "$WORD-bob" | as bob 'azfilesctl login --domain TEAM --timeout 1h'
	reads bob
	[[ $(by bob) == 'key bob' ]]
}

# service COMMAND [SETTING]: as alice, with the word as its input.
service() {
	printf '%s\n' '[Service]' Type=oneshot User=alice StandardInput=file:/run/azf-test/word \
		"ExecStart=sh -c '$1'" "${2:-}" >/run/systemd/system/azf-login.service
	systemctl daemon-reload
	systemctl start azf-login.service
}
