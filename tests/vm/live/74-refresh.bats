#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl refresh and its timer: tickets renewed before they are needed, what
# no mount uses forgotten, mounts touched when their sessions have ended.
load ../lib

UNIT=azfiles-refresh.service
DROPIN=/run/systemd/system/azfiles-refresh.timer.d

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	common_setup
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || journal
	systemctl stop azfiles-refresh.path azfiles-refresh.timer "$UNIT" || true
	rm -rf "$DROPIN"
	systemctl daemon-reload
	common_teardown
}

# What the service said in this test. (journalctl's own filter would skip the first
# line behind the cursor.)
journal() {
	journalctl --sync
	journalctl --quiet --output=short --after-cursor="$cursor" | sed -n 's/.* azfiles-refresh\[[0-9]*\]: //p'
}

mount_as() {
	mkdir -p "${3:-$MNT}"
	mount -t azfiles "${2:-//$HOST1/share}" "${3:-$MNT}" -o "retry=0,$1"
}

# now_is FILE FIELD SECONDS: as if that had been, or were to be, then.
now_is() { sed -i "s/^$2=.*/$2=$((EPOCHSECONDS + $3))/" "$1"; }

state() { echo "/run/azfiles/${2:-$HOST1}/${1:-system}"; }

due() { now_is "$(state "$@")/ticket" early -1; }

unused_for_long() { now_is "$(state "$@")/unused" since -1000; }

expires() { sed -n 's/^expires=//p' "$(state)/ticket"; }

as_azfiles() { setpriv --reuid azfiles --regid azfiles --clear-groups "$@"; }

tokens() { as_azfiles keyctl show @u | grep -c azfiles:token || true; }

asked() { [[ $(cloud_requests storage) == "$1" ]]; }

is_over() { ((EPOCHSECONDS > $1)); }

in_other_namespace() { [[ $(readlink "/proc/$1/ns/mnt") != $(readlink /proc/self/ns/mnt) ]]; }

connected() { grep -q "Hostname: $HOST1" /proc/fs/cifs/DebugData; }

session() { sed -n 's/.*SessionId: \(0x[0-9a-f]*\).*/\1/p' /proc/fs/cifs/DebugData; }

unless() { ! "$@"; }

@test "refresh: a due ticket is renewed, a fresh one is not; --now renews all" {
	mount_as identity=system
	mount_as "identity=$CLIENT2" "//$HOST1/share1" /srv/two
	run -0 azfilesctl refresh
	[[ -z $output ]]
	cloud_forget
	due system
	run -0 azfilesctl refresh
	echo "$output"
	[[ $output == "$HOST1 as system: renewed, valid until 20"*" UTC" ]]
	[[ $(cloud_requests storage) == 1 ]]
	run -0 azfilesctl refresh --verbose
	echo "$output"
	[[ $(grep -c ': fresh, valid until ' <<<"$output") == 2 ]]
	[[ $(cloud_requests storage) == 1 ]]
	run -0 azfilesctl refresh --now
	[[ $(grep -c ': renewed, valid until ' <<<"$output") == 2 ]]
	[[ $(cloud_requests storage) == 3 ]]
	umount /srv/two
}

mount_four() {
	local n
	for n in {1..4}; do
		mount_as identity=system "//acct$n.file.core.windows.net/share" "/srv/four/$n"
	done
}

# All that there are; and there is no token.
all_due() {
	local dir
	as_azfiles keyctl clear @u
	for dir in /run/azfiles/*/*; do
		now_is "$dir/ticket" early -1
	done
	cloud_forget
}

services() { systemctl show --property NAccepted --value azfiles-credential.socket; }

connections() {
	ip netns exec azure nft list chain inet azure test | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'
}

@test "refresh: one process, one token, and a connection for each host of an identity" {
	mount_four
	mount_as "identity=$CLIENT2" "//$HOST1/share1" /srv/two
	all_due
	azure_block 'tcp dport 443 tcp flags & (syn | ack) == syn counter'
	systemctl start azfiles-credential.socket
	before=$(services)
	systemctl start "$UNIT"
	said=$(journal)
	echo "$said: $before, $(services), $(connections)"
	[[ $(grep -c ' as system: renewed, valid until ' <<<"$said") == 4 ]]
	[[ $(grep -c " as $CLIENT2: renewed, valid until " <<<"$said") == 1 ]]
	(($(services) == before + 2))
	[[ $(cloud_requests imds) == 2 && $(cloud_requests storage) == 5 && $(connections) == 5 ]]
	# a host without an answer, and one that refuses: the others get theirs
	all_due
	azure_block 'ip daddr 10.77.0.12 tcp dport 443 drop'
	echo connect_timeout=1 >/etc/azfiles/azfiles.conf
	cloud_fault storage/acct3 role
	run -0 --separate-stderr azfilesctl refresh
	echo "$output / $stderr"
	rm /etc/azfiles/azfiles.conf
	[[ $(grep -c ': renewed, valid until ' <<<"$output") == 3 ]]
	[[ $(wc -l <<<"$stderr") == 2 ]]
	[[ $stderr == *"$HOST2 as system: the ticket could not be renewed: "*"$HOST3 as system: "*"has no role"* ]]
	[[ $(cloud_requests imds) == 2 && -e $(state system "$HOST2")/failed ]]
	azure_unblock
	umount /srv/four/* /srv/two
}

@test "refresh: without a token nobody is asked twice, and each host is told" {
	mount_four
	cloud_fault imds none
	all_due
	run -0 --separate-stderr azfilesctl refresh
	echo "$output / $stderr"
	[[ $(grep -c ' as system: the ticket could not be renewed: ' <<<"$stderr") == 4 ]]
	[[ $(cloud_requests imds) == 1 && $(cloud_requests storage) == 0 ]]
	[[ $(find /run/azfiles -name failed | wc -l) == 4 ]]
	# by hand
	cloud_reset
	printf '%s\n' "host=$HOST1" identity=system more=1 '' "$HOST3" "$HOST2" |
		/usr/libexec/azfiles/azfiles-credential | cat >/run/azf-test/answers
	run -0 sed -n 's/^host=//p' /run/azf-test/answers
	[[ $output == "$HOST1"$'\n'"$HOST3"$'\n'"$HOST2" ]]
	[[ $(grep -ac ^length= /run/azf-test/answers) == 3 ]]
	umount /srv/four/*
}

@test "refresh: a renewed ticket lives longer than the old one" {
	# the token of the first would give a second with the same end
	cloud_fault imds life 900
	mount_as identity=system
	before=$(expires)
	as_azfiles grep azfiles:token /proc/keys
	# so it is kept for a third of its life
	[[ $(as_azfiles grep azfiles:token /proc/keys) == *" "[1-5]m" "* ]]
	as_azfiles keyctl clear @u
	sleep 2
	due
	azfilesctl refresh
	(($(expires) > before))
}

@test "refresh: what no mount uses is forgotten, with its token" {
	mount_as identity=system
	[[ $(tokens) == 1 ]]
	azfilesctl refresh
	[[ ! -e $(state)/unused ]]
	umount "$MNT"
	azfilesctl refresh
	[[ -e $(state)/ccache ]]
	unused_for_long
	run -0 azfilesctl refresh
	[[ $output == "$HOST1 as system: no mount uses it: forgotten" ]]
	find /run/azfiles
	[[ -z $(find /run/azfiles -mindepth 1 -not -name .lock) ]]
	[[ $(tokens) == 0 ]]
	mount_as identity=system
}

@test "refresh: a mount in another name space keeps what it needs" {
	mount_as identity=system
	unshare --mount --propagation private sleep 300 3>&- &
	holder=$!
	within 10 in_other_namespace "$holder"
	umount "$MNT"
	cat /proc/fs/cifs/DebugData
	azfilesctl refresh
	azfilesctl refresh
	[[ -e $(state)/ccache && ! -e $(state)/unused ]]
	now_is "$(state)/ticket" expires -1
	azfilesctl refresh
	[[ ! -e $(state)/ccache && -e $(state)/credential ]]
	# it gets another when it needs one
	azure_files restart
	within 60 nsenter --target "$holder" --mount touch "$MNT/file"
	kill "$holder"
	wait "$holder" || true
	within 30 unless connected
	azfilesctl refresh
	unused_for_long
	azfilesctl refresh
	[[ ! -e $(state) ]]
}

@test "refresh: a busy service is left alone for as long as it says" {
	mount_as identity=system
	due
	cloud_forget
	cloud_fault storage status 429 'Retry-After: 600' count=1
	run -0 --separate-stderr azfilesctl refresh
	# shellcheck disable=SC2154
	echo "$stderr"
	[[ $stderr == *"$HOST1 as system: the ticket could not be renewed: "*"The old one still works" ]]
	run -0 --separate-stderr azfilesctl refresh
	[[ -z $output && -z $stderr ]]
	[[ $(cloud_requests storage) == 1 ]]
	# an hour later by the first, but not by the second
	now_is "$(state)/failed" time -3600
	azfilesctl refresh
	[[ $(cloud_requests storage) == 1 ]]
	now_is "$(state)/failed" not_before -1
	azfilesctl refresh
	[[ $(cloud_requests storage) == 2 && ! -e $(state)/failed ]]
}

@test "refresh: two at once ask once" {
	mount_as identity=system
	due
	cloud_forget
	cloud_fault storage delay 3
	azfilesctl refresh 3>&- &
	first=$!
	azfilesctl refresh
	wait "$first"
	[[ $(cloud_requests storage) == 1 ]]
}

@test "refresh: after a session's end it meets the kernel's EAGAIN, not the next user" {
	cloud_ticket_life 20
	# where the unit's own name space must not hide it
	mount_as identity=system "//$HOST1/share" /home/share
	end=$(expires)
	cloud_reset
	azfilesctl refresh --now
	before=$(session)
	within 40 is_over $((end + 1))
	[[ $(session) == "$before" ]]
	cloud_forget
	systemctl start "$UNIT"
	echo "session $before, then $(session)"
	[[ $(session) != "$before" ]]
	python3 -c 'import os, sys
path = sys.argv[1]
os.statvfs(path)
os.close(os.open(path + "/file", os.O_CREAT | os.O_RDWR))' /home/share
	# with the ticket that was there
	[[ $(cloud_requests '') == 0 ]]
	umount /home/share
	rmdir /home/share
}

@test "refresh: a mount that hangs does not hang it" {
	mount_as identity=system
	mount_as "identity=$CLIENT2" "//$HOST2/share" /srv/two
	printf '%s=\n' "$EPOCHSECONDS" >"$(state)/ends"
	cp "$(state)/ends" "$(state "$CLIENT2" "$HOST2")/ends"
	due "$CLIENT2" "$HOST2"
	azure_block 'ip daddr 10.77.0.11 tcp dport 445 drop'
	began=$SECONDS
	run -0 --separate-stderr timeout 60 azfilesctl refresh
	echo "$output / $stderr: $((SECONDS - began)) s"
	((SECONDS - began < 40))
	[[ $stderr == *"$HOST1 as system: $MNT does not answer: Connection timed out" ]]
	[[ $output == "$HOST2 as $CLIENT2: renewed, valid until "* ]]
	# nor is anybody left
	within 60 unless pgrep -x azfilesctl
	azure_unblock
	within 60 touch "$MNT/file"
	umount /srv/two
}

@test "refresh: systemd finds nothing wrong with the units that are installed" {
	run -0 systemd-analyze verify --man=no /usr/lib/systemd/system/azfiles-*
	echo "$output"
	[[ -z $output ]]
}

@test "refresh: the unit is closed, and does its work nonetheless" {
	systemd-analyze security --no-pager "$UNIT" | tail -n 1
	systemd-analyze security --no-pager --threshold=20 "$UNIT" >/dev/null
	mount_as identity=system
	mount_as "identity=$CLIENT2" "//$HOST2/share" /home/two
	(umask 077 && cloud_token identity=1 >/home/token && chown alice /home/token)
	mount_as identity=token,token_file=/home/token "//$HOST3/share" /tmp/three
	# nothing to do, nothing said: by nobody, systemd included
	quiet_since=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
	systemctl start "$UNIT"
	journalctl --sync
	journalctl --quiet --after-cursor="$quiet_since" --output=verbose >/run/azf-test/said
	run -1 grep -E '(UNIT|SYSLOG_IDENTIFIER)=azfiles-refresh' /run/azf-test/said
	before=$(stat -c %i /run/azfiles/*/*/ccache)
	for dir in /run/azfiles/*/*; do
		now_is "$dir/ticket" early -1
		printf '%s=\n' "$EPOCHSECONDS" >"$dir/ends"
	done
	systemctl start "$UNIT"
	said=$(journal)
	echo "$said"
	[[ $(grep -c ': renewed, valid until ' <<<"$said") == 3 ]]
	[[ $(wc -l <<<"$said") == 3 ]]
	[[ $(stat -c %i /run/azfiles/*/*/ccache) != "$before" ]]
	# unmounted while it is under way, and forgotten
	umount /home/two /tmp/three
	rmdir /home/two /tmp/three
	systemctl start "$UNIT"
	unused_for_long "$CLIENT2" "$HOST2"
	systemctl start "$UNIT"
	[[ ! -e /run/azfiles/$HOST2 && -e /run/azfiles/$HOST1 ]]
	rm /home/token
}

@test "refresh: the first mount with an identity starts the timer, which renews" {
	[[ -e /usr/lib/systemd/system/paths.target.wants/azfiles-refresh.path ]]
	mkdir -p "$DROPIN"
	printf '%s\n' '[Timer]' OnActiveSec= OnUnitActiveSec= OnActiveSec=2s OnUnitActiveSec=2s AccuracySec=100ms >"$DROPIN/test.conf"
	systemctl daemon-reload
	rm -rf /run/azfiles
	systemctl start azfiles-refresh.path
	mount -t azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
	run ! systemctl is-active azfiles-refresh.timer
	umount "$MNT"
	mount_as identity=system
	within 20 systemctl is-active azfiles-refresh.timer
	due
	cloud_forget
	within 60 asked 1
	umount "$MNT"
	within 60 test -e "$(state)/unused"
	unused_for_long
	within 60 unless test -e "$(state)"
	systemctl is-active azfiles-refresh.timer
}

@test "refresh: only root, and no arguments" {
	run -1 setpriv --reuid alice --regid alice --clear-groups azfilesctl refresh
	[[ $output == *"only root can do this"* ]]
	run -1 azfilesctl refresh something
}
