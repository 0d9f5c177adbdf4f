#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl set, list and clear, with a script in the place of azfiles-credential.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2153,SC2154

load helper

GUID=0a1b2c3d-4e5f-6789-abcd-ef0123456789
TOKEN=eyJ0eXAiSECRET.payload.signature
LONG=SECRET$(printf '%060d' 1)

eval "common_$(declare -f setup)"

setup() {
	common_setup
	RUN=$BATS_TEST_TMPDIR/run
	LIBEXEC=$BATS_TEST_TMPDIR/libexec
	FAKE=$RUN/fake
	mkdir -p "$FAKE" "$LIBEXEC"/{azfiles,valgrind}
	printf '%s\n' '#!/bin/sh' 'cat >/run/fake/request' 'echo >>/run/fake/calls' \
		'exec cat /run/fake/answer' >"$LIBEXEC/azfiles/azfiles-credential"
	chmod 0755 "$LIBEXEC/azfiles/azfiles-credential"
	: >"$FAKE/calls"
	gives_ticket "$HOST"
}

gives_ticket() {
	printf '%s\n' result=ok "server=cifs/$1@FILES.AZURE.STORAGE.MICROSOFT.COM" \
		principal=AzureFileClient@FILES.AZURE.STORAGE.MICROSOFT.COM \
		"starts=$EPOCHSECONDS" "expires=$((EPOCHSECONDS + ${2:-7200}))" '' ccache >"$FAKE/answer"
}

fails_with() {
	printf '%s\n' result=fail "cause=$1" "cure=$2" transient=0 >"$FAKE/answer"
}

# ctl ARGUMENT...: azfilesctl with a /run and a libexec of ours, which has valgrind's
# tools, too, and the standard input of the caller.
ctl() {
	# shellcheck disable=SC2086,SC2016 # several words; not for this shell
	run --separate-stderr unshare -m sh -c \
		'[ ! -d /usr/libexec/valgrind ] || mount --bind /usr/libexec/valgrind "$2/valgrind"
		mount --bind "$1" /run && mount --rbind "$2" /usr/libexec && shift 2 && exec "$@"' \
		- "$RUN" "$LIBEXEC" ${AZF_WRAPPER:-} "${AZF_DOUBLE%/tests/*}/azfilesctl" "$@"
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# refuses STATUS CAUSE: one line, and no secret in it.
refuses() {
	fails "$1" && [[ -z $output && $stderr != *$'\n'* ]] || return
	# shellcheck disable=SC2053 # a pattern
	[[ $stderr == azfilesctl:\ $2 ]]
}

asked() { [[ $(wc -l <"$FAKE/calls") == "$1" ]]; }

fits() { ! awk 'length > 100' <<<"$output" | grep .; }

# bats test_tags=valgrind
@test "set, list and clear" {
	export TZ=Asia/Kolkata
	ctl set "$HOST" system </dev/null
	succeeds
	[[ -z $output$stderr ]]
	ctl set "${HOST^^}" "$GUID" </dev/null
	succeeds
	ctl list
	succeeds
	fits
	time='20??-??-??T??:??:??+05:30'
	mapfile -t line <<<"$output"
	[[ ${line[0]} =~ ^HOST\ +TAG\ +LEFT$ ]]
	[[ ${line[1]} =~ ^$HOST\ +$GUID\ +(1:59|2:00)\ h$ ]]
	[[ ${line[2]} == "  who   client $GUID, set with 'azfilesctl set'" ]]
	# shellcheck disable=SC2027,SC2053 # a pattern
	[[ ${line[3]} == "  until "${time}", renewed from "${time}" on" ]]
	[[ ${line[4]} == "  for   cifs/$HOST@FILES.AZURE.STORAGE.MICROSOFT.COM" ]]
	[[ ${line[5]} == "  as    AzureFileClient@FILES.AZURE.STORAGE.MICROSOFT.COM" ]]
	[[ ${line[6]} =~ ^$HOST\ +system\ +(1:59|2:00)\ h$ ]]
	[ "${#line[@]}" -eq 11 ]
	ctl clear "$HOST" "$GUID"
	succeeds
	[ "$output" = "1 ticket for $HOST forgotten" ]
	ctl clear "$HOST"
	succeeds
	[ "$output" = "1 ticket for $HOST forgotten" ]
	ctl clear "$HOST"
	succeeds
	[ "$output" = "there was no ticket for $HOST" ]
	ctl clear "$HOST" system
	succeeds
	[ "$output" = "there was no ticket for $HOST as system" ]
	[ -z "$(ls "$RUN/azfiles")" ]
	ctl list
	succeeds
	[ -z "$output" ]
}

@test "set: the words of a mount become its request" {
	ctl set "$HOST" workload --tenant-id T --client-id C --token-file /f \
		--authority-host https://login.example.org </dev/null
	succeeds
	grep -qx tenant_id=T "$FAKE/request"
	grep -qx client_id=C "$FAKE/request"
	grep -qx token_file=/f "$FAKE/request"
	grep -q ^authority_host= "$FAKE/request"
	ctl set "$HOST" sp --tenant-id T --client-id C --client-secret-file /s </dev/null
	succeeds
	grep -qx client_secret_file=/s "$FAKE/request"
	asked 2
	ctl set "$HOST" workload --tenant-id T --client-id C --token-file /a,b </dev/null
	refuses 1 "there is a comma in the value of --token-file. *"
	ctl set "$HOST" system --client-id C </dev/null
	refuses 1 "client_id= has no meaning with identity=system. Leave it out*"
	ctl set "$HOST" sistem </dev/null
	refuses 1 "identity=sistem is not known. Use system, *"
	ctl set "$HOST" key </dev/null
	refuses 1 "identity=key needs no ticket. *'azfilesctl key add'"
	asked 2
}

@test "set: a token comes on standard input, and is not kept" {
	printf ' %s\r\n' "$TOKEN" >secret
	ctl set "$HOST" token <secret
	succeeds
	# the fields, an empty line, the token and nothing behind it
	[ "$(tail -n 2 "$FAKE/request")" = $'\n'"$TOKEN" ]
	[ "$(tail -c 1 "$FAKE/request")" = e ]
	ctl set "$HOST" token --token-file - <secret
	succeeds
	run ! grep -r SECRET "$RUN/azfiles"
	ctl list
	succeeds
	fits
	[[ $output == *"  who   token, set with 'azfilesctl set'"* ]]
	[[ $output == *"  until 20"*", then its token must be set again"* ]]
	# a file that somebody keeps fresh is the mount's token_file=
	ctl set "$HOST" token --token-file "$PWD/secret" </dev/null
	succeeds
	grep -qx "token_file=$PWD/secret" "$FAKE/request"
	run ! grep SECRET "$FAKE/request"
	# nothing, and something for somebody else
	ctl set "$HOST" token </dev/null
	refuses 1 "the token is empty"
	head -c 20000 /dev/zero | tr '\0' x >large
	ctl set "$HOST" token <large
	refuses 1 "cannot read the token from standard input: *large"
	ctl set "$HOST" system --token-file - <secret
	refuses 1 "a token is given to an identity that gets its own. *"
	asked 3
}

@test "set: a token is no argument, and is not shown" {
	local cure="a token is no argument, since everybody can read those. Hand it over on standard input: az *| azfilesctl set $HOST token"
	ctl set "$HOST" token "$TOKEN" </dev/null
	refuses 1 "$cure"
	ctl set "$HOST" "$TOKEN" </dev/null
	refuses 1 "$cure"
	ctl set "$HOST" "$LONG" </dev/null
	refuses 1 "$cure"
	ctl set "$HOST" token --token-file "$TOKEN" </dev/null
	refuses 1 "$cure"
	ctl set "$HOST" token --tokens "$TOKEN" </dev/null
	refuses 1 "set has no option '--tokens'*"
	asked 0
}

@test "set and clear: another spelling of the host is told the right one" {
	local verb spelling
	for spelling in "https://$HOST" "https://$HOST/" "$HOST/" "//$HOST/share" "$HOST:445"; do
		for verb in "set $spelling system" "clear $spelling"; do
			# shellcheck disable=SC2086 # several words
			ctl $verb </dev/null
			refuses 1 "'$spelling' is not the name of a host. Write it as $HOST"
		done
	done
	ctl set server.example.org system </dev/null
	refuses 1 "server.example.org is not an Azure file endpoint*"
	ctl set acct1.privatelink.file.core.windows.net system </dev/null
	succeeds
	[ -e "$RUN/azfiles/$HOST/system/ccache" ]
	ctl clear acct1.privatelink.file.core.windows.net
	succeeds
	[ "$output" = "1 ticket for acct1.privatelink.file.core.windows.net forgotten" ]
}

@test "set: a failure is told, and listed with its cause and its time" {
	fails_with "the role is missing, and so are many other things that would have to be there" \
		"Assign the role, which takes a while until it has reached all the servers that there are"
	ctl set "$HOST" system </dev/null
	refuses 32 "the role is missing*. Assign the role*"
	ctl list
	succeeds
	fits
	[[ $output == *"$HOST  system  none"* ]]
	grep -E '^  error 20[-0-9]{8}T[0-9:]{8}[+-][0-9:]{5} the role is missing,' <<<"$output"
	# on two lines, of which the second is set in
	[[ $output == *$'\n        there are' ]]
	ctl list --json
	succeeds
	[[ $(member failure cause) == "the role is missing,"* ]]
	[[ $(member failure cure) == "Assign the role,"* ]]
	[[ $(member failure transient) == False ]]
	(($(member failure time) - EPOCHSECONDS < 60))
	[[ $(member expires)$(member kind) == Nonesystem ]]
}

# member KEY...: of the first ticket
member() {
	python3 -c 'import json, sys
value = json.loads(sys.argv[1])["tickets"][0]
for key in sys.argv[2:]:
	value = value[key]
print(value)' "$output" "$@"
}

@test "list --json is as the page has it" {
	local page=$BATS_TEST_DIRNAME/../../man/azfilesctl.8
	ctl list --json
	succeeds
	[ "$(tr -d ' \n' <<<"$output")" = '{"tickets":[]}' ]
	ctl set "$HOST" "$GUID" </dev/null
	printf '%s' "$TOKEN" >secret
	ctl set "$HOST" token <secret
	fails_with cause cure
	ctl set "$HOST" exec:/bin/x </dev/null
	ctl list --json
	succeeds
	python3 - "$output" "$page" <<'END'
import json, re, sys
tickets = json.loads(sys.argv[1])["tickets"]
# the items between these two lines: .It Va NAME : TYPE [ | null ]
text = open(sys.argv[2]).read().split("begin json list")[1].split("end json list")[0]
schema = {}
for name, types in re.findall(r'^\.It Va (\S+) : (.*)$', text, re.M):
	schema[name] = types.split(" | ")
kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None), "object": dict}
def check(value, path):
	want = schema[path]
	assert type(value) in [kinds[w] for w in want], (path, value)
	if type(value) is dict:
		members(value, path + ".")
def members(value, prefix):
	names = [n[len(prefix):] for n in schema if n.startswith(prefix) and "." not in n[len(prefix):]]
	assert list(value) == names, (list(value), names)
	for name in names:
		check(value[name], prefix + name)
assert len(tickets) == 3
for ticket in tickets:
	members(ticket, "")
assert [t["kind"] for t in tickets] == ["client", "exec", "token"]
assert [t["renewable"] for t in tickets] == [True, True, False]
assert tickets[1]["failure"] and not tickets[0]["failure"]
assert 7000 < tickets[0]["seconds_left"] <= 7200
END
}

@test "the longest names fit into the table" {
	local host=abcdefghijklmnopqrstuvwx.z12.file.storage.azure.net
	gives_ticket "$host" 172700
	ctl set "$host" "$GUID" </dev/null
	succeeds
	ctl set "$host" "/subscriptions/$GUID/resourceGroups/a-group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/an-identity" </dev/null
	succeeds
	ctl list
	succeeds
	fits
	[[ $output == *"$host  $GUID  47:5"* ]]
}

@test "list, set and clear: only root" {
	local verb
	for verb in list "list --json" "set $HOST system" "clear $HOST"; do
		# shellcheck disable=SC2086 # several words
		run -1 setpriv --reuid 65534 --regid 65534 --clear-groups \
			"${AZF_DOUBLE%/tests/*}/azfilesctl" $verb </dev/null
		[[ $output == "azfilesctl: only root can do this. Use 'sudo azfilesctl ${verb%% *}'" ]]
	done
}

@test "list takes little CPU" {
	local limit=6
	# a build with a sanitizer takes long to begin
	[[ $AZF_DOUBLE != */asan/* ]] || limit=1000
	ctl set "$HOST" system </dev/null
	ctl set "$HOST" "$GUID" </dev/null
	# shellcheck disable=SC2016 # not for this shell
	run unshare -m sh -c 'mount --bind "$1" /run && shift && exec "$@"' - "$RUN" \
		python3 - "${AZF_DOUBLE%/tests/*}/azfilesctl" $limit <<'END'
import os, sys
def once():
	pid = os.posix_spawn(sys.argv[1], ["azfilesctl", "list"], os.environ,
		file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
	usage = os.wait4(pid, 0)[2]
	return (usage.ru_utime + usage.ru_stime) * 1000
best = min(once() for _ in range(20))
print("%.1f ms" % best)
sys.exit(best > float(sys.argv[2]))
END
	echo "$output"
	[ "$status" -eq 0 ]
	echo "# list: $output of CPU" >&3
}
