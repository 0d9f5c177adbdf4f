#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl recover: mounts that do not answer are found and brought back.

load ../lib

# With an echo_interval that leaves it to recover to be quick.
share() { mount -t azfiles "//${2:-$HOST1}/share" "${1:-$MNT}" -o "retry=0,echo_interval=60,identity=system${3:+,$3}"; }

DROPIN=/run/systemd/system/azfiles-recover.timer.d

eval "common_$(declare -f teardown)"
teardown() {
	local key
	systemctl stop azfiles-recover.timer
	rm -rf "$DROPIN"
	systemctl daemon-reload
	common_teardown
	rm -f /etc/keyutils/key.dns_resolver.conf
	# One that has expired stays in the list for minutes, and refuses; it does no harm.
	while read -r key; do
		keyctl invalidate "$key" || true
	done < <(awk '$8 == "dns_resol" { print "0x" $1 }' /proc/keys)
}

# silent ADDRESS: it was there, and says nothing any more.
silent() { azure_block "ip daddr $1 drop"; }

# The mount is in use, so that its connection waits for an answer.
in_use() { timeout 1 stat -f "$MNT" >/dev/null || true; }

held_says() {
	local text
	read -r text <&"$held"
	[[ $text == "$1" ]]
}

@test "recover: mounts that answer are left alone" {
	mkdir -p /srv/two
	share
	share /srv/two "$HOST2"
	run -0 --separate-stderr azfilesctl recover
	echo "$output"
	[[ $output == "$MNT: answers"$'\n'"/srv/two: answers" && -z $stderr ]]
	run -0 azfilesctl recover --quiet
	[[ -z $output ]]
	run -0 azfilesctl recover /srv/two/
	[[ $output == "/srv/two: answers" ]]
	umount /srv/two
	run -32 azfilesctl recover /srv/two
	[[ $output == *"no share of Azure Files is mounted on /srv/two"* ]]
}

@test "recover: the server moved, its old address is silent, and the kernel remembers it" {
	# as keyutils did before 1.6.2, and as its configuration can still say
	echo default_ttl=3600 >/etc/keyutils/key.dns_resolver.conf
	share
	exec {held}<>"$MNT/file"
	echo before >&"$held"
	sync "$MNT/file"
	# the kernel asks for the address for the first time when it connects anew
	azure_files restart
	within 30 grep -q 'dns_resol acct1' /proc/keys
	within 30 timeout 5 stat -f "$MNT"
	azure_dns "$HOST1" 203.0.113.11
	silent 10.77.0.11
	in_use
	run -32 --separate-stderr azfilesctl recover --dry-run --timeout 2
	echo "$output $stderr"
	[[ $output == "$MNT: does not answer; the server moved from 10.77.0.11 to 203.0.113.11" ]]
	mounted "$MNT" addr=10.77.0.11
	began=$SECONDS
	run -0 azfilesctl recover --timeout 20
	echo "# $output" >&3
	((SECONDS - began < 60))
	[[ $output == "$MNT: answers again after "*" s; the server moved from 10.77.0.11 to 203.0.113.11; its dead connection was ended" ]]
	mounted "$MNT" addr=203.0.113.11
	# the file that was open is still good
	echo after >&"$held"
	exec {held}>&-
	[[ $(cat "$MNT/file") == $'before\nafter' ]]
}

@test "recover: ten mounts that hang take no longer than one, and the others are not disturbed" {
	local n began
	for n in {1..10}; do
		mkdir -p "/srv/hang/$n"
		share "/srv/hang/$n" "$HOST1" hard
	done
	mkdir -p /srv/two
	share /srv/two "$HOST2"
	silent 10.77.0.11
	began=$SECONDS
	run -32 --separate-stderr azfilesctl recover --timeout 3
	echo "# ten mounts: $((SECONDS - began)) s" >&3
	echo "$output"
	echo "$stderr"
	((SECONDS - began < 40))
	[[ $(grep -c ': does not answer$' <<<"$output") == 10 ]]
	[[ $output == *"/srv/two: answers"* ]]
	[[ $(grep -c "$HOST1 does not answer at 10.77.0.11 port 445: nothing comes back. Check the network" <<<"$stderr") == 10 ]]
	azure_unblock
	within 60 azfilesctl recover --timeout 5
	umount /srv/hang/* /srv/two
	rm -rf /srv/hang
}

@test "recover: a reader of the output is not held up by who hangs" {
	share "$MNT" "$HOST1" hard
	silent 10.77.0.11
	SECONDS=0
	azfilesctl recover --timeout 2 2>&1 | cat || true
	((SECONDS < 30))
	# umount would wait for it
	azure_unblock
	within 60 timeout 5 stat -f "$MNT"
}

@test "recover: no ticket is to be had, then one is got" {
	share
	# as after a long sleep without the metadata service
	printf 'expires=%s\nrenew=%s\nserver=cifs/%s@FILES.AZURE.STORAGE.MICROSOFT.COM\n' \
		$((EPOCHSECONDS - 20)) $((EPOCHSECONDS - 30)) "$HOST1" >"/run/azfiles/$HOST1/system/ticket"
	cloud_fault storage firewall
	azure_files restart
	run -32 --separate-stderr azfilesctl recover --timeout 8
	echo "$output"
	echo "$stderr"
	[[ $output == "$MNT: does not answer" ]]
	[[ $stderr == *"firewall"* ]]
	rm "$CLOUD_STATE/faults"
	run -0 azfilesctl recover --timeout 20
	echo "$output"
	[[ $output == "$MNT: answers again"* || $output == "$MNT: answers" ]]
}

@test "recover: the key was changed: said, and mounted anew when told to" {
	store_key acct1
	fstab "//$HOST1/share $MNT azfiles retry=0,noauto,_netdev 0 0"
	mount "$MNT"
	azure_key acct1 "$ACCT1_KEY2"
	azure_files restart
	run -32 --separate-stderr azfilesctl recover --timeout 5
	echo "$output"
	echo "$stderr"
	[[ $stderr == *"$HOST1 refuses the key that it was mounted with. Store the present key; then 'azfilesctl recover --remount $MNT'"* ]]
	store_key acct1 "$ACCT1_KEY2"
	run -0 --separate-stderr azfilesctl recover --timeout 5 --remount "$MNT"
	echo "$output"
	echo "$stderr"
	[[ $output == "$MNT: answers again after "*"; it was detached and mounted again" ]]
	[[ $(mounts_at "$MNT") == 1 ]]
	echo hello >"$MNT/file"
}

@test "recover: what has no line in fstab, or mounts below it, is not taken away" {
	store_key acct1
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0
	azure_key acct1 "$ACCT1_KEY2"
	azure_files restart
	run -32 --separate-stderr azfilesctl recover --timeout 3 --remount
	echo "$stderr"
	[[ $stderr == *"$MNT has no line in /etc/fstab"* ]]
	mounted "$MNT"
}

@test "recover: mounts of others are not touched" {
	mount -t tmpfs none "$MNT"
	run -32 azfilesctl recover "$MNT"
	umount "$MNT"
	# an SMB server that is not Azure's and has no identity of ours
	credentials "$CRED" acct1
	mount -t cifs //10.77.0.11/share "$MNT" -o "credentials=$CRED"
	silent 10.77.0.11
	run -0 azfilesctl recover --timeout 2
	[[ -z $output ]]
	azure_unblock
}

# told PATTERN: by a run of the timer's.
told() { journalctl --boot --output=cat --identifier=azfiles-recover | grep -c "$1" >/dev/null; }

@test "recover: by the timer" {
	systemctl start azfiles-recover.service
	[[ $(systemctl is-enabled azfiles-recover.timer) == disabled ]]
	share
	systemctl start azfiles-recover.service
	azure_dns "$HOST1" 203.0.113.11
	silent 10.77.0.11
	in_use
	# sooner than its minute
	mkdir -p "$DROPIN"
	printf '%s\n' '[Timer]' OnActiveSec= OnActiveSec=1s AccuracySec=100ms >"$DROPIN/test.conf"
	systemctl daemon-reload
	systemctl start azfiles-recover.timer
	within 80 mounted "$MNT" addr=203.0.113.11
	systemctl stop azfiles-recover.timer
	within 60 timeout 5 stat -f "$MNT"
	# it says so when it has looked itself
	within 30 told "$MNT: answers again after .* s; the server moved"
}

@test "recover: only root" {
	run -1 setpriv --reuid alice --regid alice --clear-groups azfilesctl recover
	[[ $output == *"sudo azfilesctl recover"* ]]
}
