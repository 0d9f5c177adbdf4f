#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every way in which a mount with a key can fail, provoked for real: one line
# that names the cause and the cure, and the right exit status.
. /opt/azf-test/lib.bash

# fails STATUS OPTIONS SOURCE: the one line that the mount says is in $line.
fails() {
	local status=$1 options=$2 source=$3
	run "-$status" --separate-stderr mount -t azfiles \
		-o "credentials=$CRED,retry=0${options:+,$options}" "$source" "$MNT"
	# shellcheck disable=SC2154  # set by run
	line=$stderr
	echo "$line"
	[ "$(wc -l <<<"$line")" -eq 1 ]
	[[ $line == "mount.azfiles: $source: "* ]]
	[ "$(mounts_at "$MNT")" -eq 0 ]
}

says() {
	[[ $line == *"$1"* ]] || { printf 'expected: %s\nbut it is: %s\n' "$1" "$line"; return 1; }
}

@test "wrong key" {
	credentials "$CRED" acct1 "$ACCT1_KEY2"
	fails 32 "" "//$HOST1/share"
	says "$HOST1 does not accept the key of acct1 from $CRED"
	says "Put the account's present key there"
}

@test "a key that was cut off" {
	credentials "$CRED" acct1 "${ACCT1_KEY1:0:80}"
	fails 32 "" "//$HOST1/share"
	says "is not a storage account key: it has 80 characters, a key has 88"
}

@test "the user is not the account" {
	credentials "$CRED" somebody "$ACCT1_KEY1"
	fails 32 "" "//$HOST1/share"
	says "the user name 'somebody' is not the storage account 'acct1'"
}

@test "no such share" {
	fails 32 "" "//$HOST1/nosuchshare"
	says "$HOST1 has no share 'nosuchshare'. Create the share"
}

@test "no such share, in capitals" {
	fails 32 "" "//$HOST1/No_Such"
	says "names of shares are 3 to 63 lower case letters, digits and hyphens"
}

@test "no such directory in the share" {
	fails 32 "" "//$HOST1/share/no/dir"
	says "the share 'share' has no directory 'no/dir'. Create it"
}

@test "no such share, with a directory below it" {
	fails 32 "" "//$HOST1/nosuchshare/dir"
	says "$HOST1 has no share 'nosuchshare'"
}

@test "the server does not speak the dialect" {
	azure_files_conf "server min protocol = SMB3_00"
	fails 32 "vers=2.1" "//$HOST1/share"
	says "$HOST1 does not speak SMB 2.1. Leave out vers="
}

@test "the server demands encryption, the dialect has none" {
	azure_files_conf "server smb encrypt = required"
	fails 32 "vers=2.1" "//$HOST1/share"
	says "$HOST1 demands encryption, and SMB 2.1 has none"
}

@test "the share is closed to the account" {
	azure_files_conf "invalid users = acct1"
	fails 32 "" "//$HOST1/share"
	says "accepts the key but refuses access to the share 'share'"
}

@test "port refused" {
	fails 32 "ip=$ADDR_REFUSED" "//$HOST1/share"
	says "nothing listens on TCP port 445 of $HOST1 ($ADDR_REFUSED)"
}

@test "port closed by a firewall" {
	azure_block "tcp dport 445 drop"
	start=$SECONDS
	fails 32 "" "//$HOST1/share"
	says "TCP port 445 of $HOST1 (10.77.0.11) does not answer: a firewall drops it"
	[ $((SECONDS - start)) -le 30 ]
}

@test "address that is silent" {
	fails 32 "ip=$ADDR_SILENT" "//$HOST1/share"
	says "does not answer: a firewall drops it"
}

@test "address that cannot be reached" {
	fails 32 "ip=$ADDR_UNREACHABLE" "//$HOST1/share"
	says "there is no route to $HOST1 ($ADDR_UNREACHABLE)"
}

@test "several addresses, all dead, in bounded time" {
	azure_dns "$HOST1" "$ADDR_REFUSED" "$ADDR_SILENT" "$ADDR_NOBODY" "$ADDR_UNREACHABLE"
	start=$SECONDS
	fails 32 "" "//$HOST1/share"
	[ $((SECONDS - start)) -le 45 ]
}

@test "a server that is not SMB" {
	ip netns exec azure python3 -c '
import socket
s = socket.create_server(("10.77.0.11", 4450))
while True:
    s.accept()[0].close()' 3>&- &
	pid=$!
	within 20 timeout 1 bash -c ': </dev/tcp/10.77.0.11/4450'
	fails 32 "port=4450" "//$HOST1/share"
	kill "$pid"
	says "accepts TCP port 4450 but does not answer as an SMB server should"
}

@test "unknown name" {
	fails 32 "" "//nosuchaccount.file.core.windows.net/share"
	says "the name nosuchaccount.file.core.windows.net does not exist in DNS"
}

@test "no DNS server" {
	azure_dns_stop
	fails 32 "" "//$HOST1/share"
	says "no DNS server answers the question for $HOST1"
}

@test "public address although there is a private endpoint" {
	azure_dns acct1.privatelink.file.core.windows.net 10.77.0.11
	azure_dns "$HOST1" 203.0.113.11
	azure_files_conf "hosts deny = 10.77.0.0/24"
	fails 32 "" "//$HOST1/share"
	says "$HOST1 resolves to the public address 203.0.113.11, but the account has a private endpoint at 10.77.0.11"
}

@test "option that this kernel does not know" {
	# each kernel lacks what came after it; the newest has all of ours
	case $(uname -r) in
	6.1.*) option=upcall_target=mount ;;
	6.12.*) option=symlink=native ;;
	*)
		mount -t azfiles -o "credentials=$CRED,upcall_target=mount,symlink=native,unicode" "//$HOST1/share" "$MNT"
		return
		;;
	esac
	fails 32 "$option" "//$HOST1/share"
	says "does not know the option '${option%=*}'. Leave it out"
}

# Without the kernel log, as in many containers.
blind() {
	unshare --mount bash -c 'mount --bind /dev/null /dev/kmsg && exec "$@"' - \
		mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0,$1"
}

# Each of them is refused by Linux 6.1 and 6.12, in the kernel's own words.
@test "the kernel's own words on an option, without the kernel log and without a second connection" {
	release=$(uname -r)
	azure_block 'tcp dport 445 ct state new counter'
	while IFS='|' read -r options words; do
		run -32 --separate-stderr blind "$options"
		line=$stderr
		says "mount.azfiles: //$HOST1/share: the kernel ($release) does not accept the option $words. Correct it"
	done <<-END
		rasize=5|'rasize': Invalid rasize 5 vs. 4194304
		closetimeo=9999999|'closetimeo': closetimeo too large
		actimeo=99999999|'actimeo': timeout too large
		vers=1.0,witness|'witness': Witness support needs CONFIG_CIFS_SWN_UPCALL config option
		persistenthandles,resilienthandles|'resilienthandles': persistenthandles mount options conflict
	END
	run -32 --separate-stderr blind srcaddr=fe80::1%nosuch0
	line=$stderr
	says "the kernel does not accept the value of the option 'srcaddr'"
	[[ $(ip netns exec azure nft list chain inet azure test) == *"packets 0 "* ]]
}

@test "a remount names the option that cannot be changed" {
	mount -t azfiles -o "credentials=$CRED" "//$HOST1/share" "$MNT"
	run -32 --separate-stderr mount -t azfiles -o remount,multiuser,sec=ntlmssp "//$HOST1/share" "$MNT"
	line=$stderr
	says "cannot be changed while it is mounted. umount it and mount it again"
	says "the option '"
}

@test "charset that this kernel does not have" {
	fails 32 "iocharset=klingon" "//$HOST1/share"
	says "lacks the character set 'klingon'. Leave out iocharset="
}

@test "encryption that the server does not do" {
	azure_files_conf "server smb encrypt = off"
	fails 32 "seal" "//$HOST1/share"
	says "seal demands encryption, and $HOST1 does not encrypt this connection. Leave out seal"
}

@test "persistent handles that the server has not" {
	fails 32 "persistenthandles" "//$HOST1/share"
	says "has no persistent handles"
}

@test "no cifs module" {
	umount -a -t cifs
	within 20 modprobe -r cifs
	echo 'install cifs /bin/false' >/etc/modprobe.d/azf-test.conf
	status=0
	fails 32 "" "//$HOST1/share" || status=$?
	rm /etc/modprobe.d/azf-test.conf
	modprobe cifs
	[ "$status" -eq 0 ]
	says "this kernel ($(uname -r)) has no cifs file system"
}

@test "mount point missing" {
	rmdir "$MNT"
	run -32 --separate-stderr mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0"
	line=$stderr
	says "mount.azfiles: //$HOST1/share: the mount point $MNT does not exist. Create it with 'mkdir -p $MNT'"
}

@test "mount point is a file" {
	rmdir "$MNT"
	touch "$MNT"
	run -32 --separate-stderr mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0"
	rm "$MNT"
	line=$stderr
	says "is not a directory"
}

@test "mounted there already" {
	mount -t azfiles -o "credentials=$CRED" "//$HOST1/share" "$MNT"
	run -32 --separate-stderr mount -t azfiles -o "credentials=$CRED" "//$HOST1/share" "$MNT"
	line=$stderr
	says "it is mounted on $MNT already"
	[ "$(mounts_at "$MNT")" -eq 1 ]
}

@test "target busy: the same super block" {
	mount -t azfiles -o "credentials=$CRED,sharesock" "//$HOST1/share" "$MNT"
	run -32 --separate-stderr mount -t azfiles -o "credentials=$CRED,sharesock" "//$HOST1/share/" "$MNT"
	line=$stderr
	says "already"
	[ "$(mounts_at "$MNT")" -eq 1 ]
}

@test "not root" {
	run -1 --separate-stderr setpriv --reuid 65534 --clear-groups /sbin/mount.azfiles "//$HOST1/share" "$MNT"
	line=$stderr
	says "only root can mount"
	says "x-systemd.automount"
}

@test "root without the right to mount" {
	run -32 --separate-stderr setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		/sbin/mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,retry=0"
	line=$stderr
	says "the kernel does not let this process mount"
}

@test "no key anywhere" {
	run -32 --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT"
	line=$stderr
	says "no key of acct1 was given, and none is stored"
	says "Store it with 'azfilesctl key add acct1'"
}

@test "a typo, before any network traffic" {
	azure_block "counter"
	run -1 --separate-stderr mount -t azfiles -o "credentials=$CRED,sael" "//$HOST1/share" "$MNT"
	line=$stderr
	says "unknown option 'sael'. Did you mean 'seal'?"
	[[ $(ip netns exec azure nft list chain inet azure test) == *"packets 0 "* ]]
}

@test "options of mount(8)'s length limit" {
	# 4096 bytes and more: the kernel would cut them off silently
	long=$(printf 'x%.0s' {1..250})
	run -1 --separate-stderr mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED,$(
		for name in context fscontext defcontext rootcontext; do
			printf '%s=%s%s%s%s%s,' "$name" "$long" "$long" "$long" "$long" "$long"
		done)retry=0"
	line=$stderr
	says "the options are longer than the 4095 bytes that the kernel takes"
}

@test "a transient failure is tried again, a permanent one is not" {
	azure_files stop
	start=$SECONDS
	run -32 --separate-stderr mount -t azfiles -o "credentials=$CRED,retry=6" "//$HOST1/share" "$MNT"
	[ $((SECONDS - start)) -ge 6 ]
	[[ $stderr == *"trying again for 6 seconds"* ]]
	azure_files start
	credentials "$CRED" acct1 "$ACCT1_KEY2"
	start=$SECONDS
	run -32 --separate-stderr mount -t azfiles -o "credentials=$CRED,retry=60" "//$HOST1/share" "$MNT"
	[ $((SECONDS - start)) -le 10 ]
}

@test "a server that starts late" {
	azure_files stop
	(sleep 8; systemctl start azure-files.service) 3>&- &
	mount -t azfiles -o "credentials=$CRED,retry=60" "//$HOST1/share" "$MNT" </dev/null
	wait $!
	mounted "$MNT"
}

@test "the first key is refused, the second works" {
	azure_key acct1 "$ACCT1_KEY2"
	printf 'username=acct1\npassword=%s\npassword2=%s\n' "$ACCT1_KEY1" "$ACCT1_KEY2" >"$CRED"
	run -0 --separate-stderr mount -t azfiles -o "credentials=$CRED,retry=0" "//$HOST1/share" "$MNT"
	mounted "$MNT"
	case $(uname -r) in
	6.1.*) [[ $stderr == *"refused the first key, the second one works"* ]] ;;
	esac
}
