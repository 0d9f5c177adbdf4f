#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfiles.upcall answers the kernel: for the machine's tickets itself, for all
# others through cifs.upcall. The tickets are put there by hand; how they come
# there is tested elsewhere.
. /opt/azf-test/lib.bash
[[ $(type -t cloud_kinit) == function ]] || . /opt/azf-test/cloud.bash

CREDENTIAL=/usr/libexec/azfiles/azfiles-credential
CALLS=/run/azf-test/calls # of azfiles-credential
UPCALLS=/run/azf-test/upcalls
AWAY=/run/azf-test/away

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	put_back
	common_setup
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
	: >"$CALLS"
	: >"$UPCALLS"
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || journal
	common_teardown
	put_back
}

# ---- the machine ----

# take_away FILE...: until the end of the test. What has taken the place of one
# that is away already is not it.
take_away() {
	local file
	for file; do
		[[ -e $file && ! -e $AWAY$file ]] || continue
		mkdir -p "$AWAY${file%/*}"
		mv "$file" "$AWAY$file"
	done
}

put_back() {
	local file
	rm -rf /run/azfiles /tmp/krb5cc_* /etc/request-key.d/azf-test.conf
	[[ -d $AWAY ]] || return 0
	while IFS= read -r file; do
		mv -f "$file" "${file#"$AWAY"}"
	done < <(find "$AWAY" -type f)
	rm -rf "$AWAY"
}

without_cifs_utils() {
	take_away /usr/sbin/cifs.upcall /usr/sbin/mount.cifs /usr/sbin/mount.smb3 \
		/etc/request-key.d/cifs.spnego.conf /etc/request-key.d/cifs.idmap.conf
}

# credential_is SCRIPT: what is run in the place of azfiles-credential.
credential_is() {
	take_away "$CREDENTIAL"
	printf '#!/bin/bash\necho call >>%s\n%s\n' "$CALLS" "$1" >"$CREDENTIAL"
	chmod 0755 "$CREDENTIAL"
}

calls() { wc -l <"$CALLS"; }

# upcall_is SCRIPT: what is run for acct1, with the key as $1. A longer pattern than
# that of the file under test is preferred to it.
upcall_is() {
	printf '#!/bin/bash\n%s\n' "$1" >/run/azf-test/upcall
	chmod 0755 /run/azf-test/upcall
	echo "create cifs.spnego ver=0x2;host=$HOST1;* * /run/azf-test/upcall %k" >/etc/request-key.d/azf-test.conf
}

# From now on each upcall for acct1 is counted.
count_upcalls() {
	upcall_is "echo upcall >>$UPCALLS
		exec /usr/sbin/azfiles.upcall \$1"
}

upcalls() { wc -l <"$UPCALLS"; }

# What the upcall said in this test. (journalctl's own filter would skip the first
# line behind the cursor.)
journal() {
	journalctl --sync
	journalctl --quiet --output=short --after-cursor="$cursor" | sed -n 's/.* azfiles\.upcall\[[0-9]*\]: //p'
}

# ---- tickets ----

fields() { printf '%s\n' "${@:2}" >"$1"; }

# ticket TAG PRINCIPAL [HOST [RENEW [EXPIRES]]]: the machine's, as if it had been
# got a moment ago; times are seconds from now.
ticket() {
	local tag=$1 principal=$2 host=${3:-$HOST1} dir now=$EPOCHSECONDS
	dir=/run/azfiles/$host/$tag
	install -d -m 0700 /run/azfiles "/run/azfiles/$host" "$dir"
	cloud_kinit "$principal" "FILE:$dir/ccache" "cifs/$host"
	fields "$dir/credential" "identity=$tag" "host=$host"
	fields "$dir/ticket" "renew=$((now + ${4:-3600}))" "expires=$((now + ${5:-7200}))" \
		"server=cifs/$host@FILES.AZURE.STORAGE.MICROSOFT.COM" "principal=$principal@FILES.AZURE.STORAGE.MICROSOFT.COM"
	chmod 0600 "$dir"/*
}

# A program in the place of azfiles-credential that gives a ticket kept in FILE.
credential_gives() {
	# shellcheck disable=SC2016
	credential_is 'cat >/dev/null
now=$EPOCHSECONDS
printf "%s\n" result=ok starts=$((now - 60)) expires=$((now + 3600)) \
	server=cifs/'"$HOST1"'@FILES.AZURE.STORAGE.MICROSOFT.COM principal=x ""
cat '"$1"
}

# share [OPTIONS [SOURCE [DIR]]]: by the kernel alone, without mount.cifs.
share() {
	mount -i -t cifs "${2:-//$HOST1/share}" "${3:-$MNT}" \
		-o "sec=krb5,username=system,ip=10.77.0.11,port=445,nosharesock${1:+,$1}"
}

owner() { stat -c %U "$(azure_dir acct1 share)/$1"; }

# ---- the machine's identity ----

@test "upcall: a mount with the machine's ticket, without krb5.conf or cifs-utils" {
	[[ ! -e /etc/krb5.conf ]]
	without_cifs_utils
	ticket system AzureFileClient
	share
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient ]]
	[[ -z $(journal) ]]
}

@test "upcall: the same with cifs-utils in place" {
	ticket system AzureFileClient
	share seal
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient ]]
}

@test "upcall: host in capitals, privatelink" {
	ticket system AzureFileClient
	share '' "//ACCT1.File.Core.Windows.NET/share"
	umount "$MNT"
	share '' //acct1.privatelink.file.core.windows.net/share
	[[ -z $(journal) ]]
}

@test "upcall: two identities on one account, at once" {
	mkdir -p /srv/two
	ticket system AzureFileClient
	ticket "$CLIENT2" AzureFileClient2
	share
	mount -i -t cifs "//$HOST1/share" /srv/two -o "sec=krb5,username=$CLIENT2,ip=10.77.0.11,nosharesock"
	echo one >"$MNT/one"
	echo two >/srv/two/two
	[[ $(owner one) == AzureFileClient && $(owner two) == AzureFileClient2 ]]
	umount /srv/two
}

@test "upcall: a mount outlives a restart of the server" {
	count_upcalls
	ticket system AzureFileClient
	share
	exec {held}>"$MNT/held"
	before=$(upcalls)
	azure_files restart
	within 30 bash -c "echo hello >'$MNT/file'"
	echo held >&"$held"
	exec {held}>&-
	[[ $(cat "$MNT/held") == held ]]
	echo "$before upcalls, then $(upcalls)"
	((before == 1 && $(upcalls) > before && $(upcalls) <= before + 3))
}

@test "upcall: no network, and Kerberos as nobody" {
	ticket system AzureFileClient
	upcall_is "exec strace -f -o $AZF_STATE/strace -e trace=%network,setresuid,openat,prctl,landlock_restrict_self /usr/sbin/azfiles.upcall \$1"
	share
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient ]]
	grep -E 'socket|setresuid|ccache|/proc/self/fd' "$AZF_STATE/strace"
	run ! grep -q AF_INET "$AZF_STATE/strace"
	# the one who reads the ticket has changed its user before
	child=$(awk '/setresuid\(65534, 65534, 65534\) *= 0/ { print $1 }' "$AZF_STATE/strace")
	[[ -n $child ]]
	run ! grep -v "^$child " <(grep /proc/self/fd "$AZF_STATE/strace")
	grep -q "^$child .*/proc/self/fd" "$AZF_STATE/strace"
	# and given up calls and files
	for call in PR_SET_SECCOMP landlock_restrict_self /proc/self/fd; do
		grep -n "^$child .*$call.* = [0-9]*$" "$AZF_STATE/strace" | head -n 1
	done >"$AZF_STATE/order"
	cat "$AZF_STATE/order"
	[[ $(wc -l <"$AZF_STATE/order") == 3 ]]
	sort -n --check "$AZF_STATE/order"
	rm "$AZF_STATE/strace"
}

# ---- renewal ----

@test "upcall: an expired ticket is renewed, once" {
	ticket system AzureFileClient
	cp "/run/azfiles/$HOST1/system/ccache" /run/azf-test/new-ticket
	ticket system AzureFileClient2 "$HOST1" -100 -50
	credential_gives /run/azf-test/new-ticket
	share
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient ]]
	umount "$MNT"
	share
	[[ $(calls) == 1 ]]
}

@test "upcall: a ticket that is due but cannot be renewed is used, with a warning" {
	ticket system AzureFileClient "$HOST1" -100 3600
	credential_is 'printf "result=fail\ncause=the token service is away\ncure=Wait\ntransient=1\n"'
	share
	journal
	[[ $(journal) == *"the token service is away. The old one still works"* ]]
}

@test "upcall: without a ticket the mount fails quickly, and the journal says why" {
	ticket system AzureFileClient "$HOST1" -100 -50
	credential_is 'printf "result=fail\ncause=the role is missing\ncure=Assign it\n"'
	began=$SECONDS
	run -32 share
	((SECONDS - began < 10))
	journal
	[[ $(journal) == "$HOST1 as system: the role is missing. Assign it" ]]
}

@test "upcall: no storm while there is no ticket, and recovery when there is one" {
	count_upcalls
	ticket system AzureFileClient
	cp "/run/azfiles/$HOST1/system/ccache" /run/azf-test/new-ticket
	share
	ticket system AzureFileClient "$HOST1" -100 -50
	credential_is 'printf "result=fail\ncause=the role is missing\ncure=Assign it\n"'
	: >"$UPCALLS"
	azure_files restart
	began=$EPOCHSECONDS
	for _ in {1..15}; do
		timeout 5 stat "$MNT/file" >/dev/null 2>&1 || true
		sleep 1
	done
	took=$((EPOCHSECONDS - began))
	attempts=$(calls)
	said=$(journal | grep -c 'the role is missing')
	echo "in $took s: $(upcalls) upcalls, $attempts attempts, $said lines"
	(($(upcalls) >= 1 && $(upcalls) <= took + 5))
	((attempts >= 1 && attempts <= took / 10 + 1))
	# one may be under way, or come between the two looks
	((said >= attempts - 1 && said <= attempts + 1))
	credential_gives /run/azf-test/new-ticket
	within 30 bash -c "echo hello >'$MNT/file'"
}

@test "upcall: it ends when its time is over, and rejects the key" {
	ticket system AzureFileClient "$HOST1" -100 -50
	credential_is "echo \$\$ >$AZF_STATE/sleeper; exec sleep 300"
	share 2>/dev/null 3>&- &
	mount=$!
	within 20 pgrep -x azfiles.upcall
	within 20 test -s "$CALLS"
	began=$SECONDS
	pkill -ALRM -x azfiles.upcall
	run -32 wait "$mount"
	((SECONDS - began < 10))
	kill "$(<"$AZF_STATE/sleeper")"
}

@test "upcall: a directory that others may write to is not believed" {
	ticket system AzureFileClient
	chmod 0770 "/run/azfiles/$HOST1/system"
	run -32 share
	journal
	[[ $(journal) == *"It must belong to root"* ]]
}

@test "upcall: a cache that is none" {
	ticket system AzureFileClient
	head -c 3000 /dev/urandom >"/run/azfiles/$HOST1/system/ccache"
	run -32 share
	journal
	[[ $(journal) == "$HOST1 as system: Kerberos makes no token for $HOST1: "* ]]
}

# ---- others ----

@test "upcall: another user of a multiuser mount does not get the machine's identity" {
	ticket system AzureFileClient
	share multiuser
	echo hello >"$MNT/file"
	run ! su alice -c "cat '$MNT/file'"
	run ! su alice -c "echo alice >'$MNT/alice'"
	[[ ! -e $(azure_dir acct1 share)/alice ]]
	echo again >"$MNT/again"
}

@test "upcall: nor without cifs-utils, but an own ticket is used" {
	without_cifs_utils
	ticket system AzureFileClient
	share multiuser
	run ! su alice -c "echo alice >'$MNT/alice'"
	[[ $(journal) == *"the user alice (uid 3001) has no access: there is no Kerberos ticket in FILE:/tmp/krb5cc_3001. Let the user run kinit"* ]]
	# neither somebody else's, nor by a link
	cloud_kinit AzureFileClient2 FILE:/run/azf-test/own "cifs/$HOST1"
	install -m 0644 -o bob /run/azf-test/own /tmp/krb5cc_3001
	sleep 11
	run ! su alice -c "echo alice >'$MNT/alice'"
	[[ $(journal) == *"FILE:/tmp/krb5cc_3001 belongs to another user"* ]]
	install -m 0600 -o alice /run/azf-test/own /tmp/krb5cc_3001
	# the kernel repeats its refusal until nobody has asked for a second
	within 30 eval "sleep 2; su alice -c \"echo alice >'$MNT/alice'\""
	[[ $(owner alice) == AzureFileClient2 ]]
}

@test "upcall: other hosts, and other users, are cifs.upcall's" {
	cloud_krb5_conf
	cloud_kinit AzureFileClient2 FILE:/tmp/krb5cc_0
	mount -t cifs "//$HOST2/share" "$MNT" -o sec=krb5,username=somebody
	echo hello >"$MNT/file"
	[[ $(stat -c %U "$(azure_dir acct2 share)/file") == AzureFileClient2 ]]
	umount "$MNT"
	# of a host of ours, but with no such identity
	ticket system AzureFileClient
	mount -t cifs "//$HOST1/share" "$MNT" -o sec=krb5,username=somebody
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient2 ]]
	[[ -z $(journal) ]]
}

@test "upcall: a ticket granting ticket of root's is enough without cifs-utils" {
	without_cifs_utils
	cloud_krb5_conf
	cloud_kinit AzureFileClient2 FILE:/tmp/krb5cc_0
	share username=somebody
	echo hello >"$MNT/file"
	[[ $(owner file) == AzureFileClient2 ]]
}

@test "upcall: nothing can be smuggled into a question" {
	ticket system AzureFileClient
	without_cifs_utils
	for name in 'system;x=y' 'system;pid=0x1' 'x;user=system' 'system;' '../../..' '.'; do
		run -32 share "username=$name"
	done
	journal
	[[ $(journal) == *"is not understood"* ]]
}

@test "upcall: a user cannot ask in the kernel's name" {
	local question="ver=0x2;host=$HOST1;ip4=10.77.0.11;sec=krb5;uid=0x0;creduid=0x0;user=system;pid=0x1"
	ticket system AzureFileClient
	count_upcalls
	modprobe cifs
	run ! runuser -u nobody -- keyctl request2 cifs.spnego "$question" x @s
	echo "$output"
	[[ $output == *"Operation not permitted"* && ! -s $UPCALLS ]]
}

@test "upcall: the line of cifs-utils stays as it is, and ours is preferred" {
	grep -q '^create.*cifs.spnego.*cifs.upcall' /etc/request-key.d/cifs.spnego.conf
	grep -qxF 'create cifs.spnego ver=0x2;host=* * /usr/sbin/azfiles.upcall %k' /etc/request-key.d/azfiles.conf
	run request-key -d -n -v -D "cifs.spnego;0;0;3f010000;ver=0x2;host=$HOST1;ip4=10.77.0.11;sec=krb5;uid=0x0;creduid=0x0;user=system;pid=0x1" \
		create 1 0 0 0 0 0 ""
	echo "$output"
	[[ $output == *"/usr/sbin/azfiles.upcall"* ]]
}

@test "upcall: by hand it does nothing but say so" {
	run -1 azfiles.upcall
	[[ $output == *"it takes the number of a key"* ]]
	run -1 azfiles.upcall 1x
	run -1 azfiles.upcall 2147483647
	[[ $(journal) == *"Only request-key is to run azfiles.upcall"* ]]
	run -0 azfiles.upcall -V
}
