#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults, with reads and writes going on all the time on a soft and a hard mount.
# What fsync promised has to be there at the end, and all goes on soon after the
# fault, with nobody's help. Lines with "# " are the results. With --test-limit 600
# or more the faults last longer, and there is a third mount: of mount.cifs with
# cifs.upcall, and with a ticket that a loop refills.

load ../lib

IO=/opt/azf-test/live/faultio.py
WORK=/run/azf-test/io
SHARES=(share share1 share2)
if ((${BATS_TEST_TIMEOUT:-0} >= 600)); then
	long=1 KINDS=(soft hard cifs)
else
	long='' KINDS=(soft hard)
fi

# of LONG SHORT: as long as there is time for.
of() { if [[ $long ]]; then echo "$1"; else echo "$2"; fi; }

monotonic() { cut -d' ' -f1 /proc/uptime; }

# begin LIFE [OPTIONS]: LIFE of tickets in seconds.
begin() {
	local options=${2:+,$2}
	mkdir -p "$WORK" /srv/{soft,hard,cifs}
	cloud_ticket_life "$1"
	mount -t azfiles "//$HOST1/share" /srv/soft -o "retry=10,identity=system$options"
	mount -t azfiles "//$HOST1/share1" /srv/hard -o "retry=10,identity=system,hard$options"
	[[ -z $long ]] || begin_cifs "$@"
	begin_io
}

begin_cifs() {
	cloud_refill "$1" 3>&- &
	echo $! >"$WORK/pids"
	cloud_mount_cifs "//$HOST1/share2" /srv/cifs "${@:2}"
}

begin_io() {
	local kind
	for kind in "${KINDS[@]}"; do
		setsid python3 $IO run "/srv/$kind" "$WORK/$kind" 3>&- &
		echo "-$!" >>"$WORK/pids"
		echo "$!" >"$WORK/$kind.group"
	done
	for kind in "${KINDS[@]}"; do
		within 30 going_on "$kind" 0
	done
}

# going_on KIND TIME: it has written something since.
going_on() { python3 $IO resumed "$WORK/$1" "$2" 2>/dev/null; }

# Seconds that the kernel worked for the writer and the reader.
cpu() {
	local pid
	pgrep -g "$(<"$WORK/$1.group")" | while read -r pid; do
		cat "/proc/$pid/stat"
	done | awk '{ ticks += $15 } END { printf "%.1f\n", ticks / 100 }'
}

# finish FAULT: judges ours, and shows all.
finish() {
	local end n kind bad=
	end=$(monotonic)
	for kind in "${KINDS[@]}"; do
		within 60 going_on "$kind" "$end" || true
	done
	for kind in "${KINDS[@]}"; do
		cpu "$kind" >"$WORK/$kind.cpu"
	done
	stop_io
	for n in "${!KINDS[@]}"; do
		kind=${KINDS[n]}
		output=$(python3 $IO report "$(azure_dir acct1 "${SHARES[n]}")/records" "$WORK/$kind" "$end") ||
			[[ $kind == cifs ]] || bad+=" $kind"
		echo "# $1, $kind: $output cpu=$(<"$WORK/$kind.cpu")" >&3
	done
	[[ -z $bad ]] || { echo "failed:$bad"; return 1; }
}

stop_io() {
	local pid
	[[ -e $WORK/pids ]] || return 0
	while read -r pid; do
		# one that waits for a server hears nothing else
		kill -KILL -- "$pid" 2>/dev/null || true
	done <"$WORK/pids"
	rm "$WORK/pids"
}

eval "common_$(declare -f teardown)"
teardown() {
	local behind
	stop_io
	show_programs
	if [[ -s $WORK/clock ]]; then
		behind=$(<"$WORK/clock")
		date --set "@$((EPOCHSECONDS - behind))" >/dev/null
	fi
	common_teardown
	rm -rf "$WORK"
	rmdir /srv/{soft,hard,cifs} 2>/dev/null || true
}

# jump SECONDS: the clock on the wall, until the end of the test.
jump() {
	local behind=0
	[[ ! -s $WORK/clock ]] || behind=$(<"$WORK/clock")
	echo $((behind + $1)) >"$WORK/clock"
	date --set "@$((EPOCHSECONDS + $1))" >/dev/null
}

@test "fault: the server is restarted again and again" {
	local n
	begin 3600
	for ((n = 0; n < $(of 20 3); n++)); do
		azure_files restart
		sleep 1
	done
	finish "server restarted $n times"
}

@test "fault: the server moves to another address" {
	begin 3600
	azure_dns "$HOST1" 203.0.113.11
	azure_block 'ip daddr 10.77.0.11 tcp dport 445 reject with tcp reset'
	finish "server moved, the old address refuses"
	mounted /srv/soft addr=203.0.113.11
	mounted /srv/hard addr=203.0.113.11
}

@test "fault: the server is away" {
	begin 3600
	azure_files stop
	sleep "$(of 60 12)"
	azure_files start
	finish "server away for $(of 60 12) s"
}

@test "fault: the server is silent" {
	begin 3600
	azure_block 'ip daddr 10.77.0.11 drop'
	sleep "$(of 30 10)"
	azure_unblock
	finish "server silent for $(of 30 10) s"
}

@test "fault: no metadata service around an expiry, then 500 and 429 of the storage endpoint" {
	begin "$(of 120 20)"
	sleep "$(of 30 3)"
	touch "$CLOUD_NO_REFILL"
	cloud_imds_gone
	sleep "$(of 180 25)"
	cloud_fault storage status 500
	azure_unblock
	sleep "$(of 30 5)"
	sed -i 's/status\t500/status\t429\tRetry-After: 3/' "$CLOUD_STATE/faults"
	sleep "$(of 30 5)"
	rm -f "$CLOUD_STATE/faults" "$CLOUD_NO_REFILL"
	finish "no tickets for $(of 240 35) s"
}

@test "fault: the clock jumps beyond the ticket's end, and back" {
	begin 60
	jump 3600
	finish "clock jumps forward by an hour"
	begin_io
	jump -3600
	finish "clock jumps back by an hour"
}

# The clocks of a machine that is stopped stand still; who wakes it sets them.
@test "fault: the machine sleeps for longer than its ticket lives" {
	begin "$(of 60 15)"
	echo "@pause $(of 90 25)" >&3
	sleep 3
	jump "$(of 90 25)"
	finish "machine asleep for $(of 90 25) s"
}

# ---- nothing is needed, and nothing is left ----

# All programs of ours, with AWAY to bring them back.
AWAY=/usr/azf-away
hide_programs() {
	mkdir -p "$AWAY"/{sbin,libexec}
	mv /usr/sbin/*azfiles* "$AWAY/sbin"
	mv /usr/libexec/azfiles/* "$AWAY/libexec"
}
show_programs() {
	[[ -d $AWAY ]] || return 0
	mv "$AWAY"/sbin/* /usr/sbin
	mv "$AWAY"/libexec/* /usr/libexec/azfiles
	rm -r "$AWAY"
}

@test "fault: umount without any program of ours, ticket, session or metadata service" {
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	echo written >"$MNT/file"
	sync "$MNT/file"
	hide_programs
	rm -rf /run/azfiles
	cloud_imds_gone
	azure_files restart
	timeout 60 umount "$MNT"
	[[ -z $(findmnt --noheadings --types cifs) ]]
	[[ $(<"$(azure_dir acct1 share)/file") == written ]]
	show_programs
}

# What a mount might leave behind, as NAME NUMBER. The numbers of what varies, as
# the kernel's own objects, go up and down by some, whoever mounts.
leftovers() {
	set +e # a count of 0 is no failure
	echo "processes $(cat /proc/[0-9]*/comm 2>/dev/null | grep -cE '^(azfiles|mount|umount|request-key|cifs.upcall)')"
	echo "cifsd $(cat /proc/[0-9]*/comm 2>/dev/null | grep -cx cifsd)"
	echo "keys $(grep -cvE 'dns_resol|azfiles:' /proc/keys)"
	echo "directories $(find /run/azfiles -type d | wc -l)"
	echo "files $(find /run/azfiles -type f | wc -l)"
	echo "connections $(ss -Htn state established dport = 445 | wc -l)"
	# systemd's come and go a little, too
	echo "varies:descriptors $(find /proc/1/fd -type l | wc -l)"
	awk '/^cifs_(inode_cache|request|small_rq|mpx_ids|io_request|io_subrequest)/ { print "varies:" $1, $2 }' /proc/slabinfo
}

cycle() {
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	echo "$1" >"$MNT/file"
	umount "$MNT"
}

# nothing_left CYCLES: nothing is more than before. Of what varies a leak is one for
# each cycle; half of that is allowed, as to the caches of the processors.
nothing_left() {
	(leftovers) >"$AZF_STATE/after"
	awk -v cycles="$1" '
		NR == FNR { before[$1] = $2; next }
		{ allowed = $1 ~ /^varies:/ ? int(cycles / 2) : 0 }
		$2 > before[$1] + allowed { print "# " $1 " " before[$1] " -> " $2; more = 1 }
		END { exit more }' "$AZF_STATE/before" "$AZF_STATE/after"
}

@test "fault: mounted and umounted many times, nothing is left" {
	local n
	for n in {1..3}; do cycle "$n"; done
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	(leftovers) >"$AZF_STATE/before"
	for ((n = 0; n < $(of 100 15); n++)); do cycle "$n"; done
	echo 3 >/proc/sys/vm/drop_caches
	# the last connection is closed by the kernel in its own time
	within 20 nothing_left "$n"
	echo "# $n cycles: $(tr '\n' ' ' <"$AZF_STATE/after")" >&3
}
