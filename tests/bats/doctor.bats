#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl doctor, with an /etc of its own: what it says, and of which options.

# shellcheck disable=SC2030,SC2031,SC2154

load helper

SCHEMA=$BATS_TEST_DIRNAME/../../man/azfilesctl-doctor.schema.json

# doctor ARGUMENT...: there are neither mounts nor systemd; /run has ./azfiles, if that is
# there, and nothing else.
doctor() {
	# shellcheck disable=SC2016,SC2086 # not for this shell; several words
	run --separate-stderr unshare -m sh -c \
		'mount --bind "$1" /etc && mount -t tmpfs none /run &&
			{ [ ! -d azfiles ] || cp -a azfiles /run; } && shift && exec "$@"' \
		- "$ETC" ${AZF_WRAPPER:-} "$AZF_CTL_DOUBLE" doctor "$@" </dev/null
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

# found CHECK: what it said of it, a line each: LEVEL CAUSE. CURE
found() {
	python3 - "$output" "$1" <<-'END'
		import json, sys
		for f in json.loads(sys.argv[1])["findings"]:
		    if f["check"] == sys.argv[2]:
		        print(f["level"], f["cause"] + ". " + (f["cure"] or ""))
	END
}

# options_are OPTIONS PATTERN: that is all it says of them.
options_are() {
	local said
	doctor "${3:-$SRC}" --json -o "$1"
	said=$(found options)
	# shellcheck disable=SC2053 # patterns
	[[ $said != *$'\n'* && $said == $2 ]] || { echo "$1: $said"; return 1; }
}

@test "doctor: options that mount, but should not stay" {
	options_are nofail 'ok source and options are in order*'
	options_are uid=0,seal,cache=strict,hard,vers=3.1.1 'ok *'
	options_are vers=1.0 'fail vers=1.0 *Leave vers= out*'
	options_are vers=2.0 'fail vers=2.0 *'
	options_are vers=2.1 'warn vers=2.1 *'
	options_are vers=2.1,seal 'fail vers=2.1 cannot encrypt, and seal *'
	options_are sec=none 'fail sec=none *'
	options_are cache=loose 'warn cache=loose *'
	options_are soft,cache=loose 'warn cache=loose *'
	options_are cache=singleclient 'warn *'
	options_are cache=ro 'warn *'
	options_are ignore_signature 'warn *'
	options_are nostrictsync 'warn nostrictsync *'
	options_are strictsync 'ok *'
	options_are noperm 'warn noperm *'
	options_are perm 'ok *'
	options_are hard,soft 'warn hard and soft *'
	options_are noac,actimeo=5 'warn noac and *'
	options_are nomultichannel,max_channels=4 'warn nomultichannel *'
	options_are multiuser,identity=system 'warn multiuser *'
	options_are multiuser,identity=keytab 'ok *'
	options_are identity=ccache,cruid=5 'ok *' //fileserver/share
	options_are ip=192.0.2.1 'warn ip= *'
	options_are ip=192.0.2.1 'ok *' //fileserver/share
	options_are vers=1.0 'ok *' //fileserver/share
	options_are users 'warn users *'
	options_are user 'warn user *'
	options_are user=acct1 'ok *'
	options_are nosuchthing 'fail unknown option*'
	options_are identity=system,cruid=5 'fail *contradict each other*'
	options_are identity=nobody 'fail *'
	options_are identity=system 'fail *is not an Azure file endpoint*' //fileserver/share
	options_are nofail 'fail *write it as*' "/"/acct1.file.core.windows.net ||
		options_are nofail 'fail *' //acct1.file.core.windows.net
}

@test "doctor: JSON keeps to its schema" {
	echo "$SRC /mnt/x azfiles password=SECRETKEY,vers=1.0,noperm,hard,soft 0 0" >"$ETC/fstab"
	echo "$SRC /mnt/x azfiles nofail 0 0" >>"$ETC/fstab"
	echo "//$HOST/two /mnt/two azfiles identity=system,nofail,_netdev 0 0" >>"$ETC/fstab"
	doctor --json
	[ "$status" -eq 4 ]
	quiet
	"$BATS_TEST_DIRNAME/validate.py" "$SCHEMA" <<<"$output"
	found options
	[ "$(found options | grep -c '^warn fstab has another line')" -eq 1 ]
	[ "$(found options | grep -c '^warn the key is part of the line')" -eq 1 ]
	[ "$(found fstab)" = "ok /etc/fstab has 3 lines of the type azfiles. " ]
	# what is wrong with one share is not said of another
	doctor --json /mnt/two
	[ "$(found options)" = "ok source and options are in order. " ]
	# the schema is not one that takes anything
	run -1 "$BATS_TEST_DIRNAME/validate.py" "$SCHEMA" <<<"${output/\"level\"/\"niveau\"}"
}

@test "doctor: for people" {
	echo "$SRC $MNT azfiles credentials=$CRED,vers=2.1,password=SECRETKEY,nofail,_netdev 0 0" >"$ETC/fstab"
	doctor "$MNT"
	[ "$status" -eq 4 ]
	quiet
	[ -z "$stderr" ]
	[ "$(grep -c '^.\{101\}' <<<"$output")" -eq 0 ]
	[[ $output != *$'\033'* ]]
	grep -qx 'This machine:' <<<"$output"
	grep -qx "$SRC on $MNT:" <<<"$output"
	grep -qx 'warn  options: the key is part of the line, where every user can read it' <<<"$output"
	grep -qx "      Store it with 'azfilesctl key add acct1', take password= out, and renew the key" <<<"$output"
	tail -n 1 <<<"$output" | grep -qE '^[0-9]+ ok, [0-9]+ failures?, [0-9]+ warnings?, [0-9]+ skipped$'
}

# systemd makes the unit of what is behind the link, and mounts there.
@test "doctor: links on the way to a mount point are followed" {
	ln -s "$MNT" link
	echo "$SRC $PWD/link azfiles credentials=$CRED,nofail,_netdev 0 0" >"$ETC/fstab"
	for name in "$PWD/link" "$MNT"; do
		doctor --json "$name"
		[[ $output == *"\"target\": \"$MNT\""* && $output != *"/link\""* ]]
		[ "$(found target)" = "ok $MNT is an empty directory. " ]
	done
	echo "$SRC $MNT azfiles credentials=$CRED,nofail,_netdev 0 0" >>"$ETC/fstab"
	doctor --json
	[[ $(found options) == *'warn fstab has another line'* ]]
}

@test "doctor: what azfilesauthmanager remembers is no ticket that is out of order" {
	install -d -m 0700 azfiles azfiles/krb5cc_0.azfiles azfiles/h azfiles/h/system
	install -m 0600 /dev/null azfiles/krb5cc_0.azfiles/lock
	install -m 0600 /dev/null "azfiles/krb5cc_0.azfiles/$HOST"
	doctor --json
	[ "$(found state)" = "ok 1 ticket below /run/azfiles, in order. " ]
	chmod 0777 azfiles/h/system
	doctor --json
	[[ $(found state) == "fail /run/azfiles/h/system is not root's alone,"* ]]
}

@test "doctor: tickets of who is not root are those that KRB5CCNAME names" {
	# shellcheck disable=SC2016 # not for this shell
	printf '%s\n' '#!/bin/sh' '[ "$*" = "-s FILE:/tmp/mine" ]' >klist
	chmod 0755 klist
	user_finds() {
		# shellcheck disable=SC2016 # not for this shell
		run --separate-stderr unshare -m sh -c 'mount --bind "$1" /etc && mount --bind klist /usr/bin/klist &&
			shift && exec setpriv --reuid nobody --regid nogroup --clear-groups "$@"' - "$ETC" \
			"$AZF_CTL_DOUBLE" doctor --json //fileserver/share -o identity=ccache,cruid=65534
		echo "$output"
		[[ $(found users) == "$1"* ]]
	}
	KRB5CCNAME=FILE:/tmp/mine user_finds 'ok you have a Kerberos ticket;'
	KRB5CCNAME=FILE:/tmp/other user_finds 'warn you have no Kerberos ticket'
}

@test "doctor: of the audit log only this boot counts" {
	local said boot=$((EPOCHSECONDS - $(cut -d. -f1 /proc/uptime)))
	mkdir audit
	audited() {
		printf 'type=AVC msg=audit(%d.123:7): avc:  denied  { read } for comm="azfiles.upcall" name="%s"\n' "$@" \
			>audit/audit.log
		# shellcheck disable=SC2016 # not for this shell
		run --separate-stderr unshare -m sh -c 'mount --bind "$1" /etc && mount -t tmpfs none /run &&
			mount --bind . /var/log && "$2" doctor --json' - "$ETC" "$AZF_CTL_DOUBLE"
		said=$(found denials)
		echo "$said"
	}
	audited $((boot - 3600)) old
	[[ $said == "ok no denial"* ]]
	audited $((boot + 1)) new $((boot - 3600)) old
	[[ $said == "warn SELinux forbade azfiles.upcall to use new (in /var/log/audit/audit.log)."* ]]
}

@test "doctor: colours for a terminal, unless NO_COLOR is set" {
	run script --quiet --return --command "$AZF_CTL_DOUBLE doctor" /dev/null
	[[ $output == *$'\033['* && $output == *'... kernel'* ]]
	NO_COLOR=1 run script --quiet --return --command "$AZF_CTL_DOUBLE doctor 2>/dev/null" /dev/null
	[[ $output != *$'\033['* ]]
}

@test "doctor: command lines that are wrong" {
	doctor /mnt/nothing
	fails 1
	[ "$stderr" = "azfilesctl: /mnt/nothing is neither mounted nor an azfiles line of /etc/fstab. Name the share, as in 'azfilesctl doctor //HOST/SHARE'" ]
	doctor -o nofail
	fails 1
	[[ $stderr == *'--options needs a SOURCE'* ]]
	doctor -o nofail "$MNT"
	fails 1
	doctor 'https://x.file.core.windows.net/share?sig=SECRET'
	fails 1
	doctor "$SRC" -o password=SECRET
	quiet
	doctor "//x:SECRET@$HOST/share?sig=SECRET"
	quiet
}

@test "doctor: a check that hangs is given up" {
	mkfifo "$ETC/azfiles/keys/acct1.cred"
	rm "$ETC/nsswitch.conf"
	mkfifo "$ETC/nsswitch.conf"
	doctor --json "$SRC"
	[[ $(found names) == 'warn this check had no result after 2 s. What it asks hangs.'* ]]
	[[ $(found fstab) == '' && $(found kernel) == ok* ]]
}
