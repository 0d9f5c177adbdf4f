#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl set, list and clear, and libazf.so: what is set is found by mounts and
# by the kernel.
load ../lib

EXAMPLE=/usr/local/bin/azf-example

mount_as() {
	mkdir -p "${3:-$MNT}"
	mount -t azfiles "${2:-//$HOST1/share}" "${3:-$MNT}" -o "retry=0,$1"
}

# now_is FILE FIELD SECONDS: as if that had been, or were to be, then.
now_is() { sed -i "s/^$2=.*/$2=$((EPOCHSECONDS + $3))/" "$1"; }

state() { echo "/run/azfiles/${2:-$HOST1}/${1:-system}"; }

as_azfiles() { setpriv --reuid azfiles --regid azfiles --clear-groups "$@"; }

tokens() { as_azfiles keyctl show @u | grep -c azfiles:token || true; }

upcall_says() {
	journalctl --sync
	journalctl --boot --identifier=azfiles.upcall --output=cat | grep -F "$1"
}

no_file_there() { ! touch "$MNT/file"; }

@test "credentials: set, and mounts and the kernel find it without asking anybody" {
	azfilesctl set acct1.privatelink.file.core.windows.net system
	azfilesctl set "$HOST1" "$CLIENT2"
	[[ $(cloud_requests storage) == 2 ]]
	cloud_forget
	mount_as identity=system
	mount_as "identity=$CLIENT2" "//$HOST1/share1" /srv/two
	# a mount that is not ours
	umount "$MNT"
	mount -t cifs "//$HOST1/share" "$MNT" -o sec=krb5,username=system,cruid=0,nosharesock
	touch "$MNT/file" /srv/two/file
	[[ $(cloud_requests '') == 0 ]]
	# no network, and no other program
	strace -f -e trace=network,process -o /run/azf-test/trace azfilesctl list >/run/azf-test/list
	cat /run/azf-test/list
	run ! grep -E 'socket|connect|clone|fork' /run/azf-test/trace
	[[ $(<"$AZF_STATE/list") == *"$HOST1  $CLIENT2  "*"  who   client $CLIENT2, set with "*"$HOST1  system  "*"  who   system, set with "* ]]
	[[ $(<"$AZF_STATE/list") == *"  for   cifs/$HOST1@FILES.AZURE.STORAGE.MICROSOFT.COM"*"  as    AzureFileClient2@"* ]]
	run ! grep -E '.{101}' "$AZF_STATE/list"
	azfilesctl list --json | python3 -c 'import json, sys
assert [t["tag"] for t in json.load(sys.stdin)["tickets"]] == sys.argv[1:]' "$CLIENT2" system
	# no mount uses it, and it stays
	umount "$MNT" /srv/two
	azfilesctl refresh
	[[ -e $(state)/ccache && ! -e $(state)/unused ]]
	# fresh as it is
	azfilesctl set "$HOST1" system
	[[ $(cloud_requests storage) == 1 ]]
	cloud_fault storage role
	run -32 azfilesctl set "$HOST1" system
	mount_as identity=system
	run -0 azfilesctl list
	[[ $output == *"  error 20"* ]]
}

@test "credentials: a token that is handed over works to its end, and is not kept" {
	cloud_token identity=1 >"$AZF_STATE/token"
	cloud_forget
	azfilesctl set "$HOST1" token <"$AZF_STATE/token"
	mount_as identity=token
	touch "$MNT/file"
	[[ $(cloud_requests storage) == 1 && $(cloud_requests '') == 1 ]]
	run ! grep -rF "$(cut -c 40-80 "$AZF_STATE/token")" /run/azfiles
	[[ $(tokens) == 0 ]]
	run -0 azfilesctl refresh --now --verbose
	[[ $output == "$HOST1 as token: fresh, valid until "* ]]
	# its end
	now_is "$(state token)/ticket" early -9
	now_is "$(state token)/ticket" renew -9
	now_is "$(state token)/ticket" expires -9
	cure="Hand a token to 'azfilesctl set $HOST1 token'"
	run -32 azfilesctl refresh
	[[ $output == *"the ticket for $HOST1 has ended, and the token that it was got with was not kept. $cure"* ]]
	run -0 azfilesctl list
	[[ $output == *"$HOST1  token  ended"*"  error 20"*"$HOST1 has ended"* ]]
	azure_files restart
	within 60 no_file_there
	within 30 upcall_says "$cure"
	# the mount goes on with another
	azfilesctl set "$HOST1" token --token-file - <"$AZF_STATE/token"
	within 60 touch "$MNT/file"
	umount "$MNT"
	azfilesctl clear "$HOST1"
	run -32 mount_as identity=token
	[[ $output == *"no token was set for $HOST1. $cure"* ]]
	# the server says what is wrong with one
	run -32 azfilesctl set "$HOST1" token <<<"eyJ0.e30.x"
	echo "$output"
	[[ $output == "azfilesctl: "* && $output != *eyJ0* ]]
}

@test "credentials: clear forgets the ticket and the token, and names who uses it" {
	mount_as identity=system
	mount_as identity=system "//$HOST2/share" /srv/two
	mount_as "identity=$CLIENT2" "//$HOST1/share1" /srv/three
	[[ $(tokens) == 2 ]]
	run -0 --separate-stderr azfilesctl clear "$HOST1" system
	# shellcheck disable=SC2154
	echo "$output / $stderr"
	[[ $output == "1 ticket for $HOST1 forgotten" ]]
	[[ $stderr == "azfilesctl: warning: the mount on $MNT uses the ticket of system: it works until its connection ends. "* ]]
	[[ ! -e $(state) && -e $(state system "$HOST2") && -e $(state "$CLIENT2") ]]
	[[ $(tokens) == 1 ]]
	touch "$MNT/file"
	run -0 --separate-stderr azfilesctl clear "$HOST1"
	[[ $output == "1 ticket for $HOST1 forgotten" && $stderr == *"the mount on /srv/three uses"* ]]
	[[ $(tokens) == 0 ]]
	run -0 --separate-stderr azfilesctl clear "$HOST1"
	[[ $output == "there was no ticket for $HOST1" && -z $stderr ]]
	# and set again it goes on
	azure_files restart
	within 60 no_file_there
	azfilesctl set "$HOST1" system
	within 60 touch "$MNT/file"
	umount /srv/two /srv/three
}

@test "libazf: the example mounts with an identity and with a key, lists, and unmounts" {
	run -0 "$EXAMPLE" "//$HOST1/share" "$MNT" identity=system
	echo "$output"
	[[ $output == "mounted on $MNT"$'\n'"ticket of $HOST1 as system until "[0-9]*$'\n'unmounted ]]
	run -0 "$EXAMPLE" "//$HOST1/share" "$MNT" "credentials=$CRED"
	[[ $(mounts_at "$MNT") == 0 ]]
	run -1 "$EXAMPLE" "https://$HOST1/share" "$MNT"
	[[ $output == *"Write it as //$HOST1/share" ]]
	run -32 "$EXAMPLE" "//$HOST1/share" "$MNT" "username=acct1,password=wrong"
	[[ $output != *wrong* ]]
}

@test "libazf: a program with threads stays what it is" {
	cloud_token identity=1 >"$AZF_STATE/token"
	python3 "$BATS_TEST_DIRNAME/libazf.py" "$HOST1" "$MNT" "$AZF_STATE/token" >"$AZF_STATE/said" 2>&1 ||
		{ cat "$AZF_STATE/said"; false; }
	[[ $(<"$AZF_STATE/said") == "done" ]]
	[[ $(mounts_at "$MNT") == 0 ]]
}
