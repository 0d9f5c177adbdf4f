#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every kind of identity mounts; and what has to be true of each such mount.
load ../lib

# mount_as OPTIONS [SOURCE] [TARGET]
mount_as() {
	mount -t azfiles "${2:-//$HOST1/share}" "${3:-$MNT}" -o "retry=0,$1"
}

# acts_as USER [TARGET]: what is written there belongs to that user of the server.
acts_as() {
	local target=${2:-$MNT} name
	name=by-$1-$RANDOM
	mounted "$target" sec=krb5
	echo hello >"$target/$name"
	[[ $(stat -c %U "$(azure_dir acct1 share)/$name") == "$1" ]]
}

secret_file() {
	(umask 077 && cat >"$1")
}

@test "identity: system" {
	[[ ! -e /etc/krb5.conf ]]
	mount_as identity=system
	acts_as AzureFileClient
	mounted "$MNT" username=system
}

@test "identity: a client id" {
	mount_as "identity=${CLIENT2^^}"
	acts_as AzureFileClient2
	mounted "$MNT" "username=$CLIENT2"
}

@test "identity: a resource id" {
	mount_as "identity=$RESOURCE_ID2"
	acts_as AzureFileClient2
}

@test "identity: Azure Arc" {
	cloud_arc on
	mount_as identity=system
	acts_as AzureFileClient
	[[ $(cloud_requests arc) == 2 && $(cloud_requests imds) == 0 ]]
}

@test "identity: workload" {
	cloud_assertion | secret_file /run/assertion
	mount_as "identity=workload,tenant_id=$TENANT,client_id=$CLIENT2,token_file=/run/assertion"
	acts_as AzureFileClient2
	[[ $(cloud_requests entra) == 1 ]]
}

@test "identity: workload reads its token file anew each time" {
	echo stale | secret_file /run/assertion
	options="identity=workload,tenant_id=$TENANT,client_id=$CLIENT1,token_file=/run/assertion"
	run -32 mount_as "$options"
	cloud_assertion | secret_file /run/assertion
	mount_as "$options"
	acts_as AzureFileClient
}

@test "identity: service principal with a secret" {
	cloud_client_secret | secret_file /run/client-secret
	mount_as "identity=sp,tenant_id=$TENANT,client_id=$CLIENT1,client_secret_file=/run/client-secret"
	acts_as AzureFileClient
}

@test "identity: service principal with a certificate" {
	cloud_certificate /run/application.pem
	mount_as "identity=sp,tenant_id=$TENANT,client_id=$CLIENT2,client_certificate=/run/application.pem"
	acts_as AzureFileClient2
}

@test "identity: a token that somebody else keeps" {
	cloud_token identity=2 | secret_file /run/token
	mount_as "identity=token,token_file=/run/token"
	acts_as AzureFileClient2
	[[ $(cloud_requests imds) == 0 && $(cloud_requests entra) == 0 ]]
}

@test "identity: a program" {
	# shellcheck disable=SC2016  # for the program
	printf '#!/bin/sh\necho "token=$(cat /run/program-token)"\n' >/usr/local/bin/give-token
	chmod 0755 /usr/local/bin/give-token
	cloud_token identity=1 >/run/program-token
	mount_as "identity=exec:/usr/local/bin/give-token"
	acts_as AzureFileClient
	umount "$MNT"
	chmod 0777 /usr/local/bin/give-token
	rm -rf /run/azfiles
	run -32 mount_as "identity=exec:/usr/local/bin/give-token"
	rm /usr/local/bin/give-token
	[[ $output == *"give-token"* ]]
}

@test "two identities on one account act as themselves, at once" {
	mkdir -p /srv/one /srv/two
	mount_as identity=system "//$HOST1/share" /srv/one
	mount_as "identity=$CLIENT2" "//$HOST1/share" /srv/two
	acts_as AzureFileClient /srv/one
	acts_as AzureFileClient2 /srv/two
	acts_as AzureFileClient /srv/one
}

@test "a privatelink name: the ticket is the account's" {
	azure_dns acct1.privatelink.file.core.windows.net 10.77.0.11
	mount_as identity=system "//acct1.privatelink.file.core.windows.net/share"
	acts_as AzureFileClient
	findmnt --noheadings --output SOURCE --mountpoint "$MNT" | grep -q '^//acct1.privatelink.file'
}

@test "capitals in the host name" {
	mount_as identity=system "//ACCT1.File.core.windows.net/share"
	acts_as AzureFileClient
}

@test "20 mounts of 5 accounts at once: one token, five tickets" {
	local n job jobs=()
	for n in {1..20}; do
		mkdir -p "/srv/many/$n"
		mount_as identity=system "//acct$((n % 5 + 1)).file.core.windows.net/share$((n / 5 + 1))" "/srv/many/$n" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	for n in {1..20}; do
		mounted "/srv/many/$n" sec=krb5
	done
	[[ $(cloud_requests imds) == 1 ]]
	[[ $(cloud_requests storage) == 5 ]]
}

@test "with a fresh ticket there is no request at all" {
	mount_as identity=system
	umount "$MNT"
	cloud_forget
	mount_as identity=system
	acts_as AzureFileClient
	[[ -z $(cloud_log) ]]
}

@test "the file service restarts: the mount goes on" {
	mount_as identity=system
	acts_as AzureFileClient
	azure_files restart
	within 30 acts_as AzureFileClient
}

@test "the ticket expires: the upcall gets the next one" {
	cloud_ticket_life 12
	mount_as identity=system
	acts_as AzureFileClient
	sleep 14
	azure_files restart
	within 30 acts_as AzureFileClient
	(($(cloud_requests storage) >= 2))
}

@test "without cifs-utils" {
	mkdir -p /run/away
	for file in /usr/sbin/cifs.upcall /usr/sbin/mount.cifs /etc/request-key.d/cifs.spnego.conf; do
		[[ ! -e $file ]] || mv "$file" /run/away/
	done
	status=0
	{ mount_as identity=system && acts_as AzureFileClient; } || status=$?
	for file in /run/away/*; do
		case $file in
		*.conf) mv "$file" /etc/request-key.d/ ;;
		*) mv "$file" /usr/sbin/ ;;
		esac
	done
	[[ $status == 0 ]]
}

@test "another host's Kerberos mount still goes through cifs.upcall" {
	cloud_krb5_conf
	cloud_kinit AzureFileClient2 /tmp/krb5cc_0
	mount -t cifs "//$HOST2/share" "$MNT" -o sec=krb5,nosharesock
	echo hello >"$MNT/file"
	rm /tmp/krb5cc_0
	[[ $(stat -c %U "$(azure_dir acct2 share)/file") == AzureFileClient2 ]]
}

@test "multiuser: the machine's identity is not lent to another user" {
	mount_as identity=system,multiuser,file_mode=0777,dir_mode=0777
	acts_as AzureFileClient
	run ! setpriv --reuid 1999 --regid 1999 --clear-groups touch "$MNT/stolen"
	[[ ! -e $(azure_dir acct1 share)/stolen ]]
	acts_as AzureFileClient
}

@test "remount keeps the identity" {
	mount_as identity=system
	mount -t azfiles -o remount,ro,identity=system "//$HOST1/share" "$MNT"
	mounted "$MNT" ro sec=krb5
}

@test "no network system call as root" {
	mount_as identity=system
	umount "$MNT"
	machine_reset
	strace -f -qq -e trace=connect,sendto,sendmmsg,recvfrom,recvmsg,setresuid,setuid,execve,clone,clone3,fork,vfork,prctl,landlock_restrict_self \
		-o /run/trace mount.azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mounted "$MNT" sec=krb5
	# who became somebody else and gave up calls and files, and who spoke to the
	# network before that
	awk '
		/setresuid/ && / = 0$/ { left[$1] = 1 }
		/PR_SET_SECCOMP, SECCOMP_MODE_FILTER/ && / = 0$/ && left[$1] == 1 { left[$1] = 2 }
		/landlock_restrict_self/ && / = 0$/ && left[$1] == 2 { left[$1] = 3 }
		/clone|fork/ && / = [0-9]+$/ { if (left[$1]) left[$NF] = left[$1] }
		/ (connect|sendto|sendmmsg|recvfrom|recvmsg)\(/ && /AF_INET|sin_port|sin6_port/ && left[$1] != 3 { print; bad = 1 }
		END { exit bad }' /run/trace
	grep -q 'sin_port=htons(443)' /run/trace
}

@test "what speaks HTTP can do little by then" {
	cloud_fault imds delay 6
	azfilesctl set "$HOST1" system &
	within 20 sandboxed azfiles azfiles-cred
	wait "$!"
}

@test "what is kept is root's alone, and holds no token" {
	mount_as identity=system
	[[ $(stat -c %a:%U /run/azfiles "/run/azfiles/$HOST1" "/run/azfiles/$HOST1/system" | sort -u) == 700:root ]]
	[[ $(stat -c %a:%U "/run/azfiles/$HOST1/system/ccache") == 600:root ]]
	run ! grep -rl 'eyJ' /run/azfiles
	dmesg >/run/dmesg.txt
	journalctl --boot --output=export >/run/journal.txt
	run ! grep -l 'eyJ' /run/dmesg.txt /run/journal.txt /run/mount/utab
	KRB5_CONFIG=/dev/null klist -c "FILE:/run/azfiles/$HOST1/system/ccache" | grep -q "cifs/$HOST1@"
}

@test "a key mount loads neither libcurl nor libkrb5" {
	strace -f -qq -e trace=openat,execve -o /run/trace mount.azfiles "//$HOST1/share" "$MNT" -o "credentials=$CRED"
	mounted "$MNT"
	run ! grep -E 'libcurl|libkrb5|libgssapi|azfiles-credential' /run/trace
	grep -q "libc\.so" /run/trace
}
