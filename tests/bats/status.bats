#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl status: table, JSON and metrics of mounts that are not there: the
# kernel's table of mounts and its DebugData are files of ours.

# Each test is a subshell; its variables come from the helper.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

SCHEMA=$BATS_TEST_DIRNAME/../../man/azfilesctl-status.schema.json

eval "common_$(declare -f setup)"
setup() {
	common_setup
	mkdir -m 0700 azfiles
	printf '22 1 0:20 / / rw - ext4 /dev/vda rw\n' >mountinfo
	cp "$BATS_TEST_DIRNAME/../fuzz/corpus/connected/linux-6.1" debug
	now=$(date +%s)
}

# What runs in the name space: $1 is its /etc, $2 where the rest lies. $$ stays
# the process when it becomes another program.
# shellcheck disable=SC2016 # not for this shell
fixture='mount --bind "$1" /etc && mount -t tmpfs none /run &&
	cp -a "$2/azfiles" /run && mount -t tmpfs none /proc/fs && mkdir /proc/fs/cifs &&
	cp "$2/debug" /proc/fs/cifs/DebugData && mount --bind "$2/mountinfo" /proc/$$/mountinfo &&
	shift 2 && exec "$@"'

# status ARGUMENT...: or another verb; with $as before the program.
status() { ctl status "$@"; }
ctl() {
	# shellcheck disable=SC2086 # several words
	run --separate-stderr unshare -m sh -c "$fixture" - "$ETC" "$BATS_TEST_TMPDIR" \
		${as:-} ${AZF_WRAPPER:-} "${AZF_DOUBLE%/tests/*}/azfilesctl" "$@" </dev/null
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# mounted TARGET SOURCE OPTIONS: /proc is there, and answers, but not as SMB.
mounted() {
	printf '%d 22 0:40 / %s rw,relatime - cifs %s rw,vers=3.1.1,%s\n' $((30 + RANDOM)) \
		"$1" "$2" "$3" >>mountinfo
}

# ticket TAG AGO LEFT [HOST]
ticket() {
	local dir=azfiles/${4:-$HOST}/$1
	install -d -m 0700 "azfiles/${4:-$HOST}" "$dir"
	printf '%s\n' "early=$((now + $3 / 2))" "renew=$((now + $3 / 2))" "expires=$((now + $3))" \
		server=s >"$dir/ticket"
	touch --date="@$((now - $2))" "$dir/ticket"
	chmod 0600 "$dir/ticket"
}

# failed TAG AGO CAUSE CURE
failed() {
	printf '%s\n' "time=$((now - $2))" code=5003 "cause=$3" "cure=$4" >"azfiles/$HOST/$1/failed"
	chmod 0600 "azfiles/$HOST/$1/failed"
}

store() { install -m 0600 "$CRED" "$ETC/azfiles/keys/$1"; }

# One of each kind.
some_mounts() {
	mounted /proc "$SRC" "sec=krb5,username=system,addr=10.77.0.11,seal"
	mounted /nowhere/2 //acct2.file.core.windows.net/share1 "sec=krb5,username=C2,addr=10.77.0.12"
	mounted /sys "//$HOST/share1" "username=$ACCT,addr=10.77.0.11"
	mounted /dev //acct3.file.core.windows.net/x "username=acct3,addr=0000:0000:0000:0000:0000:0000:0000:0001"
	ticket system 2880 25970
	chmod 0700 "$ETC/azfiles/keys"
	store "$ACCT.cred"
	touch --date="@$((now - 180000))" "$ETC/azfiles/keys/$ACCT.cred"
}

# row TARGET: the columns of its line, one blank between two of them.
row() { grep -m 1 "^$1 " <<<"$output" | tr -s ' '; }

json() { python3 -c "import json,sys; m = {x['target']: x for x in json.load(sys.stdin)['mounts']}; print($1)" <<<"$output"; }

valid() { "$BATS_TEST_DIRNAME/validate.py" "$SCHEMA"; }
invalid() { ! valid; }

# lacks REGEX: no byte in the output is like that
lacks() { ! LC_ALL=C grep -P "$1" <<<"$output"; }

fits() {
	local line
	while IFS= read -r line; do
		((${#line} <= 100)) || { echo "${#line}: $line"; return 1; }
	done <<<"$output"
}

@test "status: nothing is mounted" {
	status
	succeeds
	[[ $output == 'No share of Azure Files is mounted' ]]
	status --json
	succeeds
	[[ $(tr -d ' \n' <<<"$output") == '{"mounts":[],"complete":true}' ]]
	status --prometheus
	succeeds
	[[ $(grep -vc '^#' <<<"$output") == 0 ]]
}

# bats test_tags=valgrind
@test "status: the table tells of each mount" {
	some_mounts
	status
	fails 64
	fits
	[[ ${lines[0]} == TARGET*SOURCE*SERVER*SMB*AS*TICKET/KEY*RENEWED*ANSWERS ]]
	[[ $(row /proc) == "/proc //acct1"*" 10.77.0.11 3.1.1 enc system 7h12m left 48m ago covered" ]]
	[[ $(row /nowhere/2) == *" 3.1.1 enc C2 none - no" ]]
	[[ $(row /sys) == *" 3.1.1 plain acct1 stored 2d2h ago covered" ]]
	[[ $(row /dev) == *" ::1 3.1.1 acct3 elsewhere - covered" ]]
	[[ ${lines[5]} == "/nowhere/2 does not answer: No such file or directory. 'azfilesctl recover' finds out why" ]]
	# for a pipe it is plain
	[[ $output != *$'\033'* ]]
}

@test "status: one mount, and what is none" {
	some_mounts
	status /sys//
	succeeds
	((${#lines[@]} == 2))
	status /elsewhere
	fails 32
	[[ -z $output && $stderr == "azfilesctl: no share of Azure Files is mounted on /elsewhere. 'findmnt -t cifs' shows what is mounted" ]]
	status sys
	fails 1
	status --json --prometheus
	fails 1
	status --timeout 0
	fails 1
}

@test "status: tickets that ended, and attempts that failed" {
	some_mounts
	ticket system 90000 -3600
	failed system 190 'IMDS does not answer' 'Check the firewall'
	status /proc
	succeeds
	[[ $(row /proc) == *" system expired failed 3m ago covered" ]]
	[[ ${lines[2]} == '/proc: the ticket could not be renewed: IMDS does not answer. Check the firewall' ]]
	status --json
	[[ $(json "m['/proc']['ticket']['state'], m['/proc']['ticket']['failed']['cause']") == 'expired IMDS does not answer' ]]
	ticket system 0 3050
	status /proc
	[[ $(row /proc) == *" system 50m left failed 3m ago covered" ]]
}

@test "status: where a key is" {
	mounted /proc "$SRC" "username=$ACCT"
	printf '%s\n' "$SRC /proc/ azfiles credentials=/root/c 0 0" >"$ETC/fstab"
	status --json
	[[ $(json "m['/proc']['key']") == "{'state': 'file', 'stored': None}" ]]
	printf '%s\n' "$SRC /proc cifs ro,password=SECRET 0 0" >"$ETC/fstab"
	store "$ACCT.cred"
	status --json
	quiet
	[[ $(json "m['/proc']['key']['state']") == line ]]
	printf '%s\n' "$SRC /proc2 cifs password=SECRET 0 0" "$SRC /proc azfiles ro 0 0" >"$ETC/fstab"
	status --json
	[[ $(json "m['/proc']['key']['state']") == stored ]]
	mv "$ETC/azfiles/keys/$ACCT.cred" "$ETC/azfiles/keys/$ACCT.cred.enc"
	status --json
	[[ $(json "m['/proc']['key']['state']") == sealed ]]
	[[ $(json "m['/proc']['key']['stored'] >= $now - 300") == True ]]
}

# bats test_tags=valgrind
@test "status: JSON keeps to its schema" {
	some_mounts
	failed system 190 'no luck' 'Wait'
	status --json
	fails 64
	valid <<<"$output"
	[[ $(json "m['/proc']['ticket']['expires'] - m['/proc']['ticket']['renewed']") == 28850 ]]
	[[ $(json "[m[x]['encrypted'] for x in ('/proc', '/nowhere/2', '/sys', '/dev')]") == '[True, True, False, None]' ]]
	[[ $(json "[m[x]['channels'] for x in ('/proc', '/nowhere/2', '/sys', '/dev')]") == '[None, 1, 1, None]' ]]
	[[ $(json "m['/nowhere/2']['answers'], m['/nowhere/2']['error']") == 'False No such file or directory' ]]
	[[ $(json "m['/proc']['answers'], m['/proc']['error']") == 'None covered by another mount' ]]
	# the schema is not one that takes anything
	invalid <<<"${output/\"dialect\": \"3.1.1\"/\"dialect\": 3}"
	invalid <<<"${output/\"valid\"/\"fine\"}"
	invalid <<<"${output/\"complete\"/\"compleat\"}"
	rm "azfiles/$HOST/system/failed"
	status --json
	valid <<<"$output"
}

# A sample has a name, quoted labels and a number; its TYPE and HELP came before.
well_formed() {
	awk '
		/^# HELP [a-z_]+ [A-Z].*\.$/ { help[$3]++; next }
		/^# TYPE [a-z_]+ gauge$/ { type[$3]++; next }
		/^azfiles_[a-z_]+\{([a-z]+="([^"\\]|\\["\\n])*",?)+\} -?[0-9.]+(e[+-][0-9]+)?$/ {
			name = $0
			sub(/\{.*/, "", name)
			if (help[name] == 1 && type[name] == 1 && !seen[$0]++)
				next
		}
		{ print "bad: " $0; bad = 1 }
		END { exit bad }' <<<"$output"
}

# bats test_tags=valgrind
@test "status: metrics" {
	some_mounts
	# shellcheck disable=SC1003 # a backslash
	mounted '/quote"\134\040\012\303\244' "$SRC" 'sec=krb5,username=system'
	status --prometheus
	succeeds
	well_formed
	grep -qxF 'azfiles_mount_up{target="/nowhere/2",source="//acct2.file.core.windows.net/share1"} 0' <<<"$output"
	# what could not be asked is neither up nor down
	[[ $output != *'azfiles_mount_up{target="/proc"'* ]]
	grep -qxF "azfiles_ticket_expires_seconds{target=\"/proc\",source=\"$SRC\"} $((now + 25970))" <<<"$output"
	grep -qxF "azfiles_ticket_renewed_seconds{target=\"/proc\",source=\"$SRC\"} $((now - 2880))" <<<"$output"
	grep -qxF "azfiles_ticket_renewal_failed{target=\"/proc\",source=\"$SRC\"} 0" <<<"$output"
	grep -q '^azfiles_key_stored_seconds{target="/sys",' <<<"$output"
	# shellcheck disable=SC1003 # backslashes
	grep -qF 'azfiles_mount_up{target="/quote\"\\ \\012\\303\\244",' <<<"$output"
	grep -qF 'azfiles_mount_info{target="/sys",source="//acct1.file.core.windows.net/share1",address="10.77.0.11",dialect="3.1.1",identity="",key="stored"} 1' <<<"$output"
	failed system 10 c d
	status --prometheus
	grep -qxF "azfiles_ticket_renewal_failed{target=\"/proc\",source=\"$SRC\"} 1" <<<"$output"
}

@test "status: long paths are shortened, whatever the terminal has" {
	local long
	long=$(printf '/directory-%d' {1..20})
	mounted "$long" "//$HOST/share/$long" "sec=krb5,username=11111111-1111-1111-1111-111111111111"
	mounted /proc "$SRC" "username=$ACCT"
	COLUMNS=300 status
	fails 64
	fits
	[[ ${lines[1]} == /direct*...*-20\ *//acct1*...*-20\ *1...1* ]]
	# what is short stays whole
	[[ ${lines[2]} == "/proc "* ]]
	status --json
	[[ $(json "'$long' in m") == True ]]
}

@test "status: nothing of a mount point can change the terminal" {
	# ESC, CSI of eight bits and in UTF-8, a mark that reverses text, no UTF-8
	mounted '/a\033[31m\233\302\233\342\200\256\377\012b' "$SRC" "username=$ACCT"
	mounted '/donn\303\251es' "$SRC" "username=$ACCT"
	for locale in C C.UTF-8; do
		LC_ALL=$locale status
		fails 64
		fits
		lacks '[\x00-\x08\x0b-\x1f\x7f]|\x9b|\xe2\x80\xae|\xff'
		[[ $output == */a?\[31m??*b* ]]
	done
	[[ $output == */données* ]]
	for form in --json --prometheus; do
		LC_ALL=C.UTF-8 status "$form"
		lacks '[^\n -~]'
	done
}

# Who owns a directory above a mount point may rename it.
@test "recover, key rotate and doctor: nothing of a mount point can change the terminal" {
	local dir=$BATS_TEST_TMPDIR/$'e\033[31m\302\233x' call
	mkdir "$dir"
	chmod 0700 "$ETC/azfiles/keys"
	store "$ACCT.cred"
	printf 'SECRET%080d==' 1 >key
	# a part of a share, which rotate leaves as it is, and says so
	printf '31 22 %s /part %s rw - cifs %s rw,username=%s\n' "$(stat -c %Hd:%Ld "$dir")" \
		"$dir" "$SRC" "$ACCT" >>mountinfo
	for call in recover "key rotate $ACCT --file $PWD/key" "doctor $SRC"; do
		# shellcheck disable=SC2086 # several words
		ctl $call
		lacks '\x1b|\xc2\x9b'
		[[ $stderr != *$'\033'* && $output == *'/e?[31m??x'*:* ]]
	done
}

@test "status: colours on a terminal, unless they are not wanted" {
	some_mounts
	on_terminal() {
		env "$@" script --quiet --return --command "unshare -m sh -c '$fixture' - '$ETC' '$BATS_TEST_TMPDIR' \
			'${AZF_DOUBLE%/tests/*}/azfilesctl' status" /dev/null </dev/null
	}
	run on_terminal TERM=xterm NO_COLOR=
	[[ $output == *$'\033[32m7h'*$'\033[0m'* && $output == *$'\033[31mno\033[0m'* ]]
	run on_terminal TERM=xterm NO_COLOR=1
	[[ $output == *7h* && $output != *$'\033'* ]]
	run on_terminal TERM=dumb NO_COLOR=
	[[ $output == *7h* && $output != *$'\033'* ]]
}

@test "status: without root it tells what it can, and what is missing" {
	some_mounts
	mkdir -m 0700 closed
	mounted "$BATS_TEST_TMPDIR/closed/x" "$SRC" "username=$ACCT"
	as='setpriv --reuid 65534 --regid 65534 --clear-groups'
	status
	fails 64
	[[ $(row /proc) == *" enc system unknown - covered" ]]
	[[ $(row /sys) == *" acct1 unknown - covered" ]]
	[[ $output == *" ?"$'\n'* && $output == *'Only root sees tickets'*'sudo azfilesctl status' ]]
	status --json
	valid <<<"$output"
	[[ $output == *'"complete": false'* ]]
	status --prometheus
	succeeds
	well_formed
}

@test "status: a mount of many users, and one of another host with an identity" {
	mounted /proc "$SRC" sec=krb5,multiuser
	mounted /sys //files.example/share sec=krb5,username=kt
	mounted /dev //other.example/share sec=krb5,username=kt
	ticket C1 60 7200
	ticket kt 60 7200 files.example
	status --json
	[[ $(json "sorted(m)") == "['/proc', '/sys']" ]]
	[[ $(json "m['/proc']['identity'], m['/proc']['user'], m['/sys']['ticket']['state']") == 'C1 None valid' ]]
}
