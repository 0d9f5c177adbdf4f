#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The key is nowhere where it can be seen.
. /opt/azf-test/lib.bash

# shows_key FILE...: whether the key, or half of it, is in one of them.
shows_key() { grep -lsaF -e "$ACCT1_KEY1" -e "${ACCT1_KEY1:20:30}" "$@"; }

# While a mount with the key on its line waits for a server that is away.
waiting() {
	azure_files stop
	"$@" 3>&- 2>/run/waiting.err &
	waiting=$!
	sleep 3
	helper=$(pgrep -x mount.azfiles | head -n 1)
	[ -n "$helper" ]
}

@test "not in ps, cmdline or environ while the helper waits" {
	waiting mount.azfiles "//$HOST1/share" "$MNT" -o "retry=30,username=acct1,password=$ACCT1_KEY1"
	run ! shows_key "/proc/$helper/cmdline" "/proc/$helper/environ"
	[[ $(tr '\0' ' ' <"/proc/$helper/cmdline") == *"password=********"* ]]
	kill "$helper"
	wait "$waiting" || true
	run ! shows_key /run/waiting.err
}

@test "an fstab line with the key in it: not in cmdline of anything that runs" {
	fstab "//$HOST1/share $MNT azfiles retry=30,username=acct1,password=$ACCT1_KEY1,noauto 0 0"
	waiting mount "$MNT"
	run ! shows_key /proc/[0-9]*/cmdline
	run ! shows_key /proc/[0-9]*/environ
	kill "$helper"
	wait "$waiting" || true
}

@test "not in a core file, for there is none" {
	mkdir -p /run/cores
	old=$(cat /proc/sys/kernel/core_pattern)
	echo '/run/cores/core.%p' >/proc/sys/kernel/core_pattern
	ulimit -c unlimited
	waiting mount.azfiles "//$HOST1/share" "$MNT" -o "retry=30,credentials=$CRED"
	kill -ABRT "$helper"
	wait "$waiting" || true
	echo "$old" >/proc/sys/kernel/core_pattern
	[ -z "$(ls /run/cores)" ]
}

@test "not in mount tables, utab, journal, kernel log or -v" {
	run -0 mount.azfiles -v "//$HOST1/share" "$MNT" -o "username=acct1,password=$ACCT1_KEY1,_netdev"
	[[ $output == *"********"* ]]
	run ! grep -F "$ACCT1_KEY1" <<<"$output"
	run ! shows_key /proc/mounts /proc/self/mountinfo /run/mount/utab
	dmesg >/run/dmesg.txt
	run ! shows_key /run/dmesg.txt
	journalctl --boot --output=export >/run/journal.txt || true
	run ! shows_key /run/journal.txt
}

@test "not in what libmount prints when it is asked to print everything" {
	LIBMOUNT_DEBUG=all mount -t azfiles "//$HOST1/share" "$MNT" \
		-o "credentials=$CRED" >/run/debug.txt 2>&1
	mounted "$MNT"
	[ -s /run/debug.txt ]
	run ! shows_key /run/debug.txt
}

@test "not in what a failed mount prints" {
	azure_files stop
	run -32 mount.azfiles -v "//$HOST1/share" "$MNT" -o "retry=0,username=acct1,password=$ACCT1_KEY1"
	run ! grep -F "$ACCT1_KEY1" <<<"$output"
	run -1 mount.azfiles -v "//$HOST1/share" "$MNT" -o "retry=0,username=acct1,password=a,$ACCT1_KEY1"
	run ! grep -F "${ACCT1_KEY1%%=*}" <<<"$output"
}

@test "nothing is left behind: no process, no file" {
	before=$(find /run /tmp -maxdepth 1 | sort)
	mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
	umount "$MNT"
	[ "$before" == "$(find /run /tmp -maxdepth 1 | sort)" ]
	run ! pgrep -x mount.azfiles
}
