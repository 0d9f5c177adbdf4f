#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesauthmanager, azfilesrefresh and libazfilesauth.so: as the Kubernetes CSI
# driver for Azure Files calls them, with the files that it writes.
load ../lib

CACHE=/var/lib/kubelet/kerberos/krb5cc_0
REALM=FILES.AZURE.STORAGE.MICROSOFT.COM

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	common_setup
	driver_files
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || { cat /var/log/azfilesauth.log; journalctl --quiet --lines=15 --identifier=azfiles.upcall; }
	systemctl stop azfilesrefresh.service
	common_teardown
	put_back
	rm -rf /etc/azfilesauth /var/lib/kubelet /var/log/azfilesauth.log /tmp/krb5cc_* /run/token
}

# The driver's init container leaves these on a node.
driver_files() {
	mkdir -p /var/lib/kubelet/kerberos /etc/azfilesauth
	printf '[libdefaults]\ndefault_ccache_name = FILE:/var/lib/kubelet/kerberos/krb5cc_%s\n' '%{uid}' >/etc/krb5.conf
	printf 'USER_UID: 0\nKRB5_CC_NAME: %s\nLOG_DESTINATION: "file"\n' "$CACHE" >/etc/azfilesauth/config.yaml
}

AWAY=/run/azf-test/away-compat

without_cifs_utils() {
	mkdir -p "$AWAY"
	mv /usr/sbin/cifs.upcall "$AWAY"
	mv /etc/request-key.d/cifs.spnego.conf "$AWAY"
}

put_back() {
	[[ -d $AWAY ]] || return 0
	mv "$AWAY/cifs.upcall" /usr/sbin
	mv "$AWAY/cifs.spnego.conf" /etc/request-key.d
	rmdir "$AWAY"
}

# The driver calls it in one of these ways, and looks at nothing but the status.
by_token() { azfilesauthmanager set "https://${2:-$HOST1}" "$(cloud_token identity="$1")"; }
by_client() { azfilesauthmanager set "https://${2:-$HOST1}" --imds-client-id "$1"; }
by_workload() {
	cloud_assertion >/var/lib/kubelet/token
	azfilesauthmanager set "https://${2:-$HOST1}" --workload-identity --tenant-id "$TENANT" --client-id "$1" \
		--token-file /var/lib/kubelet/token --authority-host https://login.microsoftonline.com/ --resource https://storage.azure.com/
}

# driver_mount [USER [HOST]]: with the options of the driver.
driver_mount() {
	local options=file_mode=0777,dir_mode=0777,actimeo=30,mfsymlinks,nosharesock
	options+=,sec=krb5,cruid=0${TARGET_OPTION:-}${1:+,username=$1}
	mount -t cifs "//${2:-$HOST1}/share" "$MNT" -o "$options"
}

# From 6.12 on the kernel can be told whose name space counts.
if [[ $(printf '6.12\n%s\n' "$(uname -r)" | sort -V | head -n 1) == 6.12 ]]; then
	TARGET_OPTION=,upcall_target=mount
fi

# acts_as USER
acts_as() {
	local name=by-$1-$RANDOM
	mounted "$MNT" sec=krb5
	echo hello >"$MNT/$name"
	[[ $(stat -c %U "$(azure_dir "${2:-acct1}" share)/$name") == "$1" ]]
}

servers() { klist -c "$CACHE" | sed -n 's,.* cifs/\([^@]*\)@.*,\1,p' | sort; }
json() { azfilesauthmanager list --json | python3 -c "import json, sys; x = json.load(sys.stdin); print($1)"; }

@test "compat: the driver's three ways to a ticket, and a cache for all" {
	by_client "$CLIENT2"
	by_workload "$CLIENT2" "$HOST2"
	by_token 2 "$HOST3" 2>/run/token
	grep -q 'a token among the arguments can be read' /run/token
	[[ $(servers) == "$HOST1"$'\n'"$HOST2"$'\n'"$HOST3" ]]
	[[ $(stat -c '%u %a' "$CACHE") == '0 600' ]]
	[[ $(json 'len(x)') == 3 ]]
	[[ $(json '"\n".join(sorted(t["server"] for t in x))') == "cifs/$HOST1@$REALM"$'\n'"cifs/$HOST2@$REALM"$'\n'"cifs/$HOST3@$REALM" ]]
	[[ $(stat -c %a /var/log/azfilesauth.log) == 600 ]]
	[[ $(grep -c "ticket for .* stored in $CACHE" /var/log/azfilesauth.log) == 3 ]]
	run ! grep -qE 'eyJ' /var/log/azfilesauth.log
	# how they were got is known, and no secret is in it
	run ! grep -rqE 'eyJ' "$CACHE.azfiles"
	[[ $(stat -c %a "$CACHE.azfiles") == 700 ]]
}

@test "compat: mounts with the driver's options" {
	by_client "$CLIENT2"
	driver_mount "$CLIENT2"
	acts_as AzureFileClient2
	umount "$MNT"
	# from here on only the cache is left, as for a container's tickets
	by_workload "$CLIENT1"
	rm -rf /run/azfiles
	driver_mount
	acts_as AzureFileClient
	azure_files restart
	within 30 acts_as AzureFileClient
	umount "$MNT"
	by_token 1 "$HOST2"
	rm -rf /run/azfiles
	driver_mount '' "$HOST2"
	acts_as AzureFileClient acct2
}

@test "compat: the same without cifs.upcall, and a privatelink name" {
	without_cifs_utils
	azure_dns acct1.privatelink.file.core.windows.net 10.77.0.11
	by_client "${CLIENT2^^}" acct1.privatelink.file.core.windows.net/
	[[ $(servers) == "$HOST1" ]]
	rm -rf /run/azfiles
	driver_mount "$CLIENT2" acct1.privatelink.file.core.windows.net
	acts_as AzureFileClient2
}

@test "compat: tickets of this machine are not for other name spaces" {
	without_cifs_utils
	[[ -n ${TARGET_OPTION:-} ]] || TARGET_OPTION=
	by_token 1
	rm -rf /run/azfiles
	TARGET_OPTION=
	run -32 unshare --mount bash -c "$(declare -f driver_mount); MNT=$MNT HOST1=$HOST1 driver_mount"
	driver_mount
}

@test "compat: list, clear and failures" {
	[[ $(azfilesauthmanager list) == "Using Kerberos cache: $CACHE" ]]
	[[ $(azfilesauthmanager list --json) == '[]' ]]
	azfilesauthmanager set "https://$HOST1//" --system -v 2>/run/token
	grep -qx "azfilesauthmanager: ticket for $HOST1 stored in $CACHE" /run/token
	cloud_token | azfilesauthmanager set "https://$HOST2" -
	# another identity for the same host takes the place of the first
	before=$(stat -c %s "$CACHE")
	for _ in {1..3}; do
		azfilesauthmanager set "https://$HOST1" --system
	done
	[[ $(stat -c %s "$CACHE") == "$before" ]]
	cp "$CACHE" /run/azf-test/cache-before
	cloud_fault storage role
	run -1 --separate-stderr azfilesauthmanager set "https://$HOST1" --system
	# shellcheck disable=SC2154 # bats sets it
	echo "$stderr"
	[[ -z $output && $stderr != *$'\n'* && $stderr == 'azfilesauthmanager: '*role* ]]
	grep -q '\[ERROR\] .*role' /var/log/azfilesauth.log
	cmp "$CACHE" /run/azf-test/cache-before
	[[ $(azfilesauthmanager clear "https://$HOST1/") == 'azfilesauthmanager clear: 0' ]]
	[[ $(servers) == "$HOST2" && ! -e /run/azfiles/$HOST1/system ]]
	[[ $(azfilesauthmanager clear "https://$HOST1") == 'azfilesauthmanager clear: 0' ]]
	rm /run/azf-test/cache-before
}

@test "compat: who reads the cache finds a ticket, always; five first ones are five" {
	local n jobs=()
	for n in {1..5} 1 2; do
		azfilesauthmanager set "https://acct$n.file.core.windows.net" --system &
		jobs+=($!)
	done
	for n in "${jobs[@]}"; do
		wait "$n"
	done
	[[ $(servers | wc -l) == 5 ]]
	for n in {1..3}; do
		azfilesauthmanager set "https://$HOST1" --system
	done &
	looks=0
	while kill -0 $! 2>/dev/null; do
		[[ $(servers | wc -l) == 5 ]]
		looks=$((looks + 1))
	done
	wait $!
	((looks > 3))
}

@test "compat: without a configuration it is root's in /tmp; a stranger's file is not used" {
	rm -rf /etc/azfilesauth /etc/krb5.conf
	install -m 0666 -o alice /dev/null /tmp/krb5cc_0
	run -0 azfilesauthmanager set "https://$HOST1" --system
	[[ $output == *'/tmp/krb5cc_0 was not made by root or USER_UID, and is replaced'* ]]
	[[ $(stat -c '%u %a' /tmp/krb5cc_0) == '0 600' ]]
	driver_mount
	acts_as AzureFileClient
	umount "$MNT"
	# a user's cache
	mkdir /etc/azfilesauth
	echo 'USER_UID: 3001' >/etc/azfilesauth/config.yaml
	azfilesauthmanager set "https://$HOST1" --system
	[[ $(stat -c '%u %a' /tmp/krb5cc_3001) == '3001 600' ]]
	rm -rf /run/azfiles /tmp/krb5cc_0
	mount -t cifs "//$HOST1/share" "$MNT" -o sec=krb5,cruid=3001
	acts_as AzureFileClient
}

@test "compat: azfilesrefresh renews what is mounted" {
	by_workload "$CLIENT1"
	azfilesauthmanager set "https://$HOST2" --system
	driver_mount
	# both are due in a moment; only one is mounted
	cloud_ticket_life 9
	by_workload "$CLIENT1"
	azfilesauthmanager set "https://$HOST2" --system
	cloud_reset
	driver_files
	cloud_assertion >/var/lib/kubelet/token
	due=$(json 'max(int(t["ticket_end_time"].split()[-1][:-1]) for t in x)')
	((due < EPOCHSECONDS + 15))
	while ((EPOCHSECONDS < due - 2)); do
		sleep 0.5
	done
	systemctl start azfilesrefresh.service
	within 40 renewed "$HOST1"
	systemctl is-active azfilesrefresh.service
	systemctl stop azfilesrefresh.service
	[[ $(systemctl show --value --property=Result azfilesrefresh.service) == success ]]
	run ! renewed "$HOST2"
}

renewed() { (($(json "max(int(t['ticket_end_time'].split()[-1][:-1]) for t in x if '$1' in t['server'])") > EPOCHSECONDS + 600)); }

@test "compat: the library, by ctypes" {
	cloud_token identity=2 >/run/token
	python3 - "https://$HOST1/" <<-'PYTHON'
		import ctypes, os, sys
		lib = ctypes.CDLL("/usr/lib/libazfilesauth.so")
		lib.extern_smb_version.restype = ctypes.c_char_p
		lib.extern_smb_list_credential.argtypes = [ctypes.c_bool]
		uri = sys.argv[1].encode()
		token = open("/run/token", "rb").read().strip()
		left = ctypes.c_uint(7)
		assert lib.extern_smb_version() == b"1.0.11"
		assert lib.extern_smb_set_credential_oauth_token(uri, b"no token", ctypes.byref(left)) == -1
		assert left.value == 0
		assert lib.extern_smb_set_credential_oauth_token(None, token, ctypes.byref(left)) == -1
		assert lib.extern_smb_set_credential_oauth_token(uri, token, ctypes.byref(left)) == 0
		assert 600 < left.value < 100000, left.value
		sys.stdout.flush()
		assert lib.extern_smb_list_credential(True) == 0
		assert lib.extern_smb_clear_credential(b"http://x") == -1
		assert lib.extern_smb_clear_credential(uri) == 0
		assert lib.extern_smb_list_credential(False) == 0
	PYTHON
	[[ $(azfilesauthmanager list --json) == '[]' ]]
	rm /run/token
}
