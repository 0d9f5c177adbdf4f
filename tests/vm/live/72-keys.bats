#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl key: what it stores is what mounts find, and nobody else.
. /opt/azf-test/lib.bash

KEYS=/etc/azfiles/keys

# The key, or half of it, in any of these files or directories.
shows_key() { grep -rlsaF -e "$ACCT1_KEY1" -e "${ACCT1_KEY1:20:30}" "$@"; }

seal() { azfilesctl key add acct1 --seal <<<"$ACCT1_KEY1"; }

@test "a key from standard input: the account's mounts work" {
	run -0 --separate-stderr azfilesctl key add "$HOST1" <<<"$ACCT1_KEY1"
	[ -z "$output$stderr" ]
	[ "$(stat -c '%a %U' "$KEYS" "$KEYS/acct1.cred" | xargs)" = "700 root 600 root" ]
	mount -t azfiles "//$HOST1/share" "$MNT"
	mounted "$MNT" username=acct1
}

@test "a key that is typed is not echoed" {
	mkfifo /run/typed
	script -qefc 'azfilesctl key add acct1' /run/screen </run/typed >/dev/null 3>&- &
	exec 4>/run/typed
	# what is typed before the question is thrown away
	within 30 grep -q 'Key of acct1' /run/screen
	printf '%s\n' "$ACCT1_KEY1" >&4
	wait $!
	exec 4>&-
	run ! shows_key /run/screen
	rm /run/typed /run/screen
	mount -t azfiles "//$HOST1/share" "$MNT"
	mounted "$MNT" username=acct1
}

@test "both keys from a file, as Azure lists them; the second one works" {
	printf '%s\n%s\n' "$ACCT1_KEY1" "$ACCT1_KEY2" >/root/both
	azfilesctl key add acct1 --file /root/both --seal
	rm /root/both
	azure_key acct1 "$ACCT1_KEY2"
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0
	mounted "$MNT" username=acct1
}

@test "a sealed key takes the place of a plain one, and the mount works" {
	store_key acct1
	run -32 azfilesctl key add acct1 --seal <<<"$ACCT1_KEY1"
	[[ $output == *"stored already. Use --replace"* ]]
	azfilesctl key add acct1 --seal --replace <<<"$ACCT1_KEY1"
	[ "$(ls -A "$KEYS")" = acct1.cred.enc ]
	run ! shows_key "$KEYS"
	run -0 mount -v -t azfiles "//$HOST1/share" "$MNT"
	[[ $output == *"******** from $KEYS/acct1.cred.enc"* ]]
	mounted "$MNT" username=acct1
	# it stays sealed
	azfilesctl key add acct1 --second <<<"$ACCT1_KEY2"
	[ "$(ls -A "$KEYS")" = acct1.cred.enc ]
}

@test "list and delete" {
	store_key acct2
	seal
	run -0 --separate-stderr azfilesctl key list
	[[ $output == *acct1*sealed*1*202*acct2*file*1*202* ]]
	run ! grep -F -e "$ACCT1_KEY1" -e "$ACCT2_KEY1" <<<"$output$stderr"
	azfilesctl key delete acct1
	run -32 mount -t azfiles "//$HOST1/share" "$MNT"
	[[ $output == *"no key of acct1 was given, and none is stored. "*"azfilesctl key add acct1"* ]]
	run -32 azfilesctl key delete acct1
	[ "$(ls -A "$KEYS")" = acct2.cred ]
}

# Every program that is started, with its arguments and environment, and all
# files that anybody opens for writing.
@test "sealing and unsealing: the key is in no argument, environment or file" {
	printf '%s\n' "$ACCT1_KEY1" >/root/key
	systemd-creds setup # its host key is written once
	strace -f -qq -v -s 4096 -e trace=execve,open,openat,creat,memfd_create -o /root/add.trace \
		azfilesctl key add acct1 --seal --file /root/key
	rm /root/key
	strace -f -qq -v -s 4096 -e trace=execve,open,openat,creat,memfd_create -o /root/mount.trace \
		mount.azfiles "//$HOST1/share" "$MNT"
	mounted "$MNT"
	grep -q 'execve("/usr/bin/systemd-creds", .*"encrypt"' /root/add.trace
	grep -q 'execve("/usr/bin/systemd-creds", .*"decrypt"' /root/mount.trace
	run ! shows_key /root/add.trace /root/mount.trace
	run ! grep -E 'execve\("[^"]*/(ba|da)?sh"' /root/add.trace /root/mount.trace
	# of files, only the sealed one, and what nobody can open by a name
	grep -E '(O_WRONLY|O_RDWR|creat\()' /root/add.trace /root/mount.trace |
		grep -v -e '"acct1.cred.enc.new"' -e /dev/ -e /proc/ -e ENOENT -e /run/mount/ \
			-e /var/lib/systemd/ >/root/written || true
	[ ! -s /root/written ] || { cat /root/written; false; }
	rm /root/*.trace /root/written
}

# The stand-in cloud and the tests know the key, by right.
files_with_key() {
	shows_key --exclude-dir=azf-test --exclude-dir='bats-run-*' /etc /run /tmp /var | sort
}

@test "the key is left nowhere: no file, no table, no journal" {
	store_key acct1
	before=$(files_with_key)
	[[ $before == *"$KEYS/acct1.cred"* ]]
	azfilesctl key add acct1 --seal --replace <<<"$ACCT1_KEY1"
	mount -v -t azfiles "//$HOST1/share" "$MNT"
	mounted "$MNT"
	journalctl --boot --output=export >/root/journal.txt || true
	dmesg >/root/dmesg.txt
	run ! shows_key /root/journal.txt /root/dmesg.txt /proc/mounts /proc/[0-9]*/cmdline /proc/[0-9]*/environ
	rm /root/journal.txt /root/dmesg.txt
	umount "$MNT"
	[ "$(grep -vxF "$KEYS/acct1.cred" <<<"$before")" = "$(files_with_key)" ]
	run ! pgrep -x systemd-creds
}

@test "a key that was sealed elsewhere, and a machine without systemd-creds" {
	seal
	mv /var/lib/systemd/credential.secret /root/secret
	run -32 --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT"
	[[ $stderr == *"cannot unseal the key in $KEYS/acct1.cred.enc (systemd-creds: "*"). It was sealed on another machine, "*"'azfilesctl key add acct1 --seal --replace'" ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	mv /root/secret /var/lib/systemd/credential.secret
	mv /usr/bin/systemd-creds /root
	run -32 --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT"
	mv /root/systemd-creds /usr/bin
	[[ $stderr == *"needs /usr/bin/systemd-creds, which is missing. Install systemd 250 or newer, or "* ]]
	mount -t azfiles "//$HOST1/share" "$MNT"
	mounted "$MNT"
}

# The unit and the line are those of mount.azfiles(8).
@test "a key that a service leaves in its credentials directory" {
	mkdir -p /etc/credstore.encrypted
	printf 'password=%s\n' "$ACCT1_KEY1" |
		systemd-creds encrypt --name=acct1.cred - /etc/credstore.encrypted/acct1.cred
	cat >/run/systemd/system/azfiles-key.service <<-'EOF'
		[Service]
		Type=exec
		LoadCredentialEncrypted=acct1.cred:/etc/credstore.encrypted/acct1.cred
		ExecStart=/bin/sleep infinity
	EOF
	fstab "//$HOST1/share $MNT azfiles credentials=/run/credentials/azfiles-key.service/acct1.cred,x-systemd.requires=azfiles-key.service,_netdev 0 0"
	systemctl daemon-reload
	systemctl start srv-share.mount
	mounted "$MNT" username=acct1
	umount "$MNT"
	systemctl stop azfiles-key.service
	rm -r /run/systemd/system/azfiles-key.service /etc/credstore.encrypted
}
