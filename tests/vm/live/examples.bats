#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each line of fstab-examples/ is mounted just as it is installed.
. /opt/azf-test/lib.bash

EXAMPLES=/usr/share/doc/azfiles/fstab-examples

# example NAME: its line, in fstab, with all that it needs on the machine.
example() {
	line=$(grep -v '^#' "$EXAMPLES/$1.fstab" | sed "s|STORAGE_ACCOUNT_KEY|$ACCT1_KEY1|")
	echo "${line/$ACCT1_KEY1/STORAGE_ACCOUNT_KEY}"
	[ "$(wc -l <<<"$line")" -eq 1 ]
	read -r source target _ <<<"$line"
	fstab "$line"
	store_key acct1
	mkdir -p "$target"
	systemctl daemon-reload
}

@test "every example has a test here" {
	for file in "$EXAMPLES"/*.fstab; do
		name=$(basename "$file" .fstab)
		grep -q "^@test \"$name:" "$BATS_TEST_FILENAME" || { echo "no test for $name"; return 1; }
	done
}

@test "key: the stored key is found by account" {
	example key
	mount "$target"
	mounted "$target" mfsymlinks serverino actimeo=30 username=acct1
	echo hello >"$target/file"
	[ "$(cat "$(azure_dir acct1 share)/file")" = hello ]
}

@test "credentials-file: another file holds the key" {
	example credentials-file
	rm -rf /etc/azfiles/keys
	mkdir -p /etc/azfiles
	credentials /etc/azfiles/acct1.cred acct1
	mount "$target"
	mounted "$target"
	rm /etc/azfiles/acct1.cred
}

@test "old-line: a line of type cifs, with its type changed" {
	example old-line
	rm -rf /etc/azfiles/keys
	mount "$target"
	mounted "$target" vers=2.1 file_mode=0777 dir_mode=0777
	touch "$target/file"
	[ "$(stat -c %a "$target/file")" = 777 ]
	run ! grep -F "$ACCT1_KEY1" /proc/mounts
}

@test "symlinks: ln -s works" {
	example symlinks
	mount "$target"
	echo hello >"$target/file"
	ln -s file "$target/link"
	[ "$(readlink "$target/link")" = file ]
	[ "$(cat "$target/link")" = hello ]
}

@test "automount: the first access mounts it" {
	example automount
	unit=$(systemd-escape --path --suffix=automount "$target")
	systemctl start "$unit"
	[ "$(mounts_at "$target")" -eq 0 ]
	ls "$target"
	mounted "$target"
	systemctl stop "$unit"
}

@test "read-only: nothing can be written" {
	example read-only
	mount "$target"
	mounted "$target" ro
	run ! touch "$target/file"
}

@test "subdirectory: a directory of the share" {
	mkdir -p "$(azure_dir acct1 share)/dir/sub"
	echo deep >"$(azure_dir acct1 share)/dir/sub/file"
	example subdirectory
	mount "$target"
	[ "$(cat "$target/file")" = deep ]
	findmnt --noheadings --output SOURCE --mountpoint "$target" | grep -q "$source"
}

@test "managed-identity: the machine itself" {
	example managed-identity
	mount "$target"
	mounted "$target" sec=krb5 username=system
}

@test "client-id: a user-assigned identity" {
	example client-id
	mount "$target"
	mounted "$target" sec=krb5 "username=$CLIENT2"
}

@test "service-principal: an application with a secret" {
	mkdir -p /etc/azfiles
	(umask 077 && cloud_client_secret >/etc/azfiles/client-secret)
	example service-principal
	mount "$target"
	mounted "$target" sec=krb5
	rm /etc/azfiles/client-secret
}

# A mount point at home is none that the clean-up knows.
automounted() {
	unit=$(systemd-escape --path --suffix=automount "$target")
	systemctl start "$unit"
}

@test "per-user-uid: at home, for one user" {
	example per-user-uid
	automounted
	su - alice -c 'echo hello >share/file'
	mounted "$target" uid=3001 file_mode=0600 dir_mode=0700
	[ "$(cat "$(azure_dir acct1 share1)/file")" = hello ]
	run ! su - bob -c "cat $target/file"
	systemctl stop "$unit"
	rmdir "$target"
}

@test "per-user-credentials: at home, with the user's own credential" {
	mkdir -p /etc/azfiles
	credentials /etc/azfiles/bob.cred acct2
	example per-user-credentials
	automounted
	su - bob -c 'echo hello >share/file'
	mounted "$target" uid=3002 username=acct2
	run ! su - alice -c "cat $target/file"
	systemctl stop "$unit"
	rmdir "$target"
	rm /etc/azfiles/bob.cred
}

@test "per-user-multiuser: one mount, each with a key of their own" {
	example per-user-multiuser
	automounted
	run ! su - alice -c "touch $target/early"
	echo "$ACCT1_KEY1" | su - alice -c "azfilesctl login $HOST1"
	user_within 20 su - alice -c "touch $target/file"
	mounted "$target" multiuser
	[ -e "$(azure_dir acct1 share)/file" ]
	run ! su - bob -c "cat $target/file"
	su - alice -c "azfilesctl logout $HOST1"
	systemctl stop "$unit"
}

@test "keytab: a machine that has joined a domain" {
	cloud_join
	example keytab
	mount "$target"
	mounted "$target" sec=krb5 username=keytab
	touch "$target/file"
	[ "$(stat -c %U "$(azure_dir acct1 share)/file")" = 'AZVM$' ]
}

@test "multiuser: the machine mounts, users are themselves" {
	cloud_join
	example multiuser
	mount "$target"
	mounted "$target" sec=krb5 multiuser
	cloud_kinit_user alice FILE:/tmp/krb5cc_3001
	setpriv --reuid alice --regid alice --clear-groups touch "$target/file"
	[ "$(stat -c %U "$(azure_dir acct1 share)/file")" = alice ]
	rm /tmp/krb5cc_3001
}
