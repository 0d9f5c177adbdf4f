#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl doctor: each prepared sickness is found, and nothing else is accused.
load ../lib

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

# A machine in good health: a mount with a stored key, one with an identity, both
# in fstab, and a clock that somebody keeps.
setup() {
	common_setup
	store_key acct1
	mkdir -p /srv/two
	fstab "//$HOST1/share $MNT azfiles nofail,_netdev 0 0"
	fstab "//$HOST2/share /srv/two azfiles identity=system,retry=0,nofail,_netdev 0 0"
	systemctl daemon-reload
	systemctl start azfiles-refresh.path srv-share.mount srv-two.mount
	clock 0
}

teardown() {
	rm -f /etc/request-key.d/azf-test.conf /etc/modprobe.d/azf-sick.conf
	systemctl --quiet --runtime unmask azfiles-refresh.timer srv-share.mount
	systemctl stop azfiles-refresh.path azfiles-refresh.timer
	clock 64
	common_teardown
	rm -rf /srv/two /srv/three
}

# clock STATUS: of adjtimex(2); 64 is a clock that nobody keeps.
clock() {
	python3 - "$1" <<-'END'
		import ctypes, struct, sys
		# modes: ADJ_MAXERROR, ADJ_ESTERROR and ADJ_STATUS
		timex = bytearray(256)
		struct.pack_into("I4xlllli", timex, 0, 0x1c, 0, 0, 0, 0, int(sys.argv[1]))
		buffer = (ctypes.c_char * 256).from_buffer(timex)
		if ctypes.CDLL(None, use_errno=True).adjtimex(buffer) < 0:
		    sys.exit(ctypes.get_errno())
	END
}

# What that answer accuses, as CHECK:LEVEL, a line each.
accused() {
	python3 - "$1" <<-'END'
		import json, sys
		found = json.loads(sys.argv[1])["findings"]
		assert all(f["level"] == "ok" or f["cure"] for f in found)
		print(*sorted({f["check"] + ":" + f["level"] for f in found
		               if f["level"] in ("warn", "fail")}))
	END
}

# none REGEX: no line of $output is like that.
none() { [[ $(grep -cE "$1" <<<"$output") == 0 ]]; }

# ---- for the commands of sick ----

# holds FILE [MODE]: it has the content of standard input.
holds() {
	local copy
	copy=$(mktemp)
	cat >"$copy"
	chmod "${2:-0644}" "$copy"
	mount --bind "$copy" "$1"
}

# edited FILE EXPRESSION: as sed(1) changes it.
edited() { sed "$2" "$1" | holds "$1"; }

# empty_srv DIRECTORY...: nothing is mounted there, and only these are there.
empty_srv() {
	local directory
	umount --lazy /srv/share /srv/two
	mount -t tmpfs none /srv
	for directory; do mkdir "/srv/$directory"; done
}

# sick EXPECTED [ARGUMENT...]: reads commands that make the machine ill; they run in
# a mount name space of their own, where it is then examined.
sick() {
	local expected=$1 answer found commands
	shift
	commands=$(cat)
	# shellcheck disable=SC2016 # for that shell
	printf '%s\n' "$(declare -f holds edited empty_srv)" "$commands" \
		'exec azfilesctl doctor --json "$@"' >"$BATS_TEST_TMPDIR/sick"
	answer=$(unshare --mount bash -eu "$BATS_TEST_TMPDIR/sick" "$@") || true
	found=$(accused "$answer")
	[[ $answer != *"$ACCT1_KEY1"* ]] || { echo "the key is in the answer"; return 1; }
	[[ $found == "$expected" ]] ||
		{ echo "expected '$expected', not '$found' after: $commands"; echo "$answer"; return 1; }
}

@test "doctor: a healthy machine" {
	run -0 azfilesctl doctor
	echo "$output"
	none '^(warn|FAIL|skip)'
	none '^.{101}'
	[[ $(grep -c '^ok ' <<<"$output") -ge 20 ]]
	run -0 azfilesctl doctor --json "//$HOST2/share"
	echo "$output"
	[[ $(accused "$output") == '' ]]
	# who is not root is told less, and accuses nobody for it
	run -0 setpriv --reuid nobody --regid nogroup --clear-groups azfilesctl doctor
	echo "$output"
	none '^(warn|FAIL)'
	grep -q '^skip  key: only root can look at the key$' <<<"$output"
}

@test "doctor: a sick kernel, sick programs" {
	sick module:fail <<-'END'
		echo 'blacklist cifs' >/etc/modprobe.d/azf-sick.conf
		edited /proc/filesystems '/cifs/d'
	END
	sick module:fail <<-'END'
		echo 'install cifs /bin/false' >/etc/modprobe.d/azf-sick.conf
		edited /proc/filesystems '/cifs/d'
	END
	rm /etc/modprobe.d/azf-sick.conf
	sick module:fail <<-'END'
		mount -t tmpfs none /lib/modules
		edited /proc/filesystems '/cifs/d'
	END
	sick '' <<<"edited /proc/filesystems '/cifs/d'"
	sick fips:fail <<<'holds /proc/sys/crypto/fips_enabled <<<1'
	sick programs:fail <<<'holds /sbin/mount.azfiles <<<nothing'
	sick user:fail <<<'edited /etc/passwd /^azfiles:/d'
	sick generator:warn <<-'END'
		mount -t tmpfs none /lib/systemd/system-generators
		ln -s /dev/null /lib/systemd/system-generators/azfiles-generator
	END
}

@test "doctor: sick services" {
	sick keyutils:fail <<<'holds /sbin/request-key <<<nothing'
	sick keyutils:warn <<<'edited /etc/request-key.conf /dns_resolver/d'
	sick quota:warn <<<"holds /proc/key-users <<<'    0:   9 9/9 190/200 2500/25000000'"
	sick names:fail <<-'END'
		edited /etc/nsswitch.conf 's/^hosts:.*/hosts: files mdns4_minimal/'
		printf '10.77.0.%d acct%d.file.core.windows.net\n' 11 1 12 2 | holds /etc/hosts
	END
	sick denials:warn <<-'END'
		holds /bin/journalctl 0755 <<'LOG'
		#!/bin/sh
		echo 'usb 1-1: access denied'
		echo 'audit: type=1400 apparmor="DENIED" operation="open" profile="/x" name="/run/azfiles/a" pid=1 comm="azfiles.upcall"'
		LOG
	END
	sick '' <<-'END'
		holds /bin/journalctl 0755 <<'LOG'
		#!/bin/sh
		echo 'audit: type=1400 apparmor="DENIED" operation="open" profile="/x" name="/run/x" pid=1 comm="firefox"'
		LOG
	END
	sick denials:warn <<-'END'
		mount -t tmpfs none /var/log
		mkdir /var/log/audit
		echo "type=AVC msg=audit($EPOCHREALTIME:3): avc:  denied  { read } for  pid=1 comm=\"request-key\"" \
			>/var/log/audit/audit.log
	END
	clock 64
	sick clock:warn <<<:
	clock 0
}

@test "doctor: sick tickets" {
	sick upcall:fail <<-'END'
		echo 'create cifs.spnego ver=0x2;host=acct2.file.core.windows.net;* * /usr/sbin/cifs.upcall %k' >/etc/request-key.d/azf-test.conf
	END
	sick upcall:fail <<<"echo 'create cifs.spnego *' >/etc/request-key.d/azf-test.conf"
	sick upcall:fail <<-'END'
		echo 'create cifs.spnego ver=0x2;host=acct2.file.core.windows.net;* * /opt/azfiles.upcall %k' >/etc/request-key.d/azf-test.conf
	END
	rm /etc/request-key.d/azf-test.conf
	sick units:warn <<<'systemctl --quiet --runtime mask azfiles-refresh.timer'
	systemctl --quiet --runtime unmask azfiles-refresh.timer
	systemctl stop azfiles-refresh.path azfiles-refresh.timer
	sick units:warn <<<:
	systemctl start azfiles-refresh.path
	chmod 0777 "/run/azfiles/$HOST2/system"
	sick state:fail <<<:
	chmod 0700 "/run/azfiles/$HOST2/system"
	sick '' <<<:
}

@test "doctor: sick lines" {
	sick options:warn <<<"edited /etc/fstab 's/nofail,//'"
	sick options:fail <<<"edited /etc/fstab 's/retry=0/retyr=0/'"
	sick options:warn <<<"edited /etc/fstab 's/azfiles nofail/azfiles vers=2.1,nofail/'"
	sick options:warn <<<"edited /etc/fstab 's,azfiles nofail,azfiles password=$ACCT1_KEY1\\,nofail,'"
	sick fstab:warn <<<"edited /etc/fstab '\$a nonsense'"
}

@test "doctor: sick keys and mount points" {
	sick key:warn <<<'holds /etc/azfiles/keys/acct1.cred 0644 </etc/azfiles/keys/acct1.cred'
	sick key:fail <<<'mount -t tmpfs none /etc/azfiles/keys'
	sick key:fail <<-'END'
		mount -t tmpfs none /etc/azfiles/keys
		(umask 077 && echo garbage >/etc/azfiles/keys/acct1.cred.enc)
	END
	sick target:warn <<<'empty_srv share two; touch /srv/DATALOSS_WARNING_README.txt'
	sick target:warn <<<'empty_srv share two; touch /srv/two/file'
	sick target:warn <<<'empty_srv two'
	sick unit:warn <<<'empty_srv real two; ln -s real /srv/share'
	sick '' <<<"ln -s share /srv/link; edited /etc/fstab 's, /srv/share , /srv/link ,'"
	rm /srv/link
	sick '' <<<'empty_srv share two'
}

@test "doctor: sick units" {
	systemctl --quiet --runtime mask srv-share.mount
	sick unit:fail <<<:
	systemctl --quiet --runtime unmask srv-share.mount
	touch /etc/fstab
	sick unit:warn <<<:
	systemctl daemon-reload
	systemctl stop srv-two.mount
	sick unit:warn <<<:
	store_key acct1 wrong
	systemctl restart srv-share.mount && false
	systemctl start srv-two.mount
	sick unit:fail <<<:
	azfilesctl doctor "$MNT" >"$BATS_TEST_TMPDIR/answer" || [[ $? == 4 ]]
	cat "$BATS_TEST_TMPDIR/answer"
	grep -q '^FAIL  unit: srv-share.mount: its last start failed$' "$BATS_TEST_TMPDIR/answer"
	grep -q "^      'journalctl -b -u srv-share.mount' says why" "$BATS_TEST_TMPDIR/answer"
}

@test "doctor: a mount that does not answer" {
	local answer
	azure_block 'tcp dport 445 drop'
	answer=$(azfilesctl doctor --json "$MNT") || [[ $? == 4 ]]
	azure_unblock
	echo "$answer"
	[[ " $(accused "$answer") " == *' answer:fail '* ]]
}
