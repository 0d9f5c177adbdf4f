#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What goes wrong between the metadata service and the ticket: the right text,
# the right exit status, and nothing mounted or left.
load ../lib

# refused TEXT [OPTIONS]: the mount fails with a line that has this text.
refused() {
	run -32 --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT" -o "retry=0,${2:-identity=system}"
	# shellcheck disable=SC2154  # set by run
	echo "$stderr"
	[[ $(wc -l <<<"$stderr") == 1 ]]
	[[ $stderr == "mount.azfiles: //$HOST1/share: "* ]]
	[[ $stderr == *"$1"* ]] || { echo "expected: $1"; return 1; }
	[[ $(mounts_at "$MNT") == 0 ]]
	[[ ! -e /run/azfiles/$HOST1/system/ccache ]]
	[[ $stderr != *eyJ* ]]
}

@test "identity not assigned to this machine" {
	cloud_identities "$CLIENT1"
	refused "$CLIENT2" "identity=$CLIENT2"
	[[ $(cloud_requests imds) == 1 ]]
}

@test "several identities, none named" {
	cloud_identities "$CLIENT1" "$CLIENT2"
	refused "identity=" identity=system
	[[ $(cloud_requests imds) == 1 ]]
}

@test "metadata service busy: tried again" {
	cloud_fault imds status 429 'Retry-After: 1' count=2
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mounted "$MNT" sec=krb5
	[[ $(cloud_requests imds) == 3 ]]
}

@test "metadata service updating (410), then back" {
	cloud_fault imds status 410 count=1
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mounted "$MNT" sec=krb5
}

@test "no metadata service" {
	cloud_imds_gone
	refused "metadata"
}

@test "metadata service refuses (401): not tried again" {
	cloud_fault imds status 401
	refused ""
	[[ $(cloud_requests imds) == 1 ]]
}

@test "token answer: cut off, too large, not JSON, wrong type, no token" {
	for fault in "short" "oversize" "text hello" "json set access_token 5" "json without access_token" "json array"; do
		cloud_reset
		# shellcheck disable=SC2086  # kind and arguments
		cloud_fault imds $fault
		echo "# $fault"
		refused ""
	done
}

@test "ticket answer: cut off, too large, not JSON, wrong type, no ticket, no base64, garbage" {
	for fault in "short" "oversize" "text hello" "json set kerberosServiceTicket 5" \
		"json without kerberosServiceTicket" "base64" "garbage"; do
		cloud_reset
		# shellcheck disable=SC2086  # kind and arguments
		cloud_fault storage $fault
		echo "# $fault"
		refused ""
	done
}

@test "a ticket for another host is not used" {
	cloud_fault storage service "cifs/$HOST2"
	refused "$HOST2"
}

@test "an expired ticket is not used" {
	cloud_fault storage shift -172800
	refused "expired"
}

@test "role missing" {
	cloud_fault storage role
	refused "Storage File Data SMB MI Admin"
}

@test "SMB OAuth is off" {
	cloud_fault storage oauth-off
	refused ""
}

@test "the account's firewall" {
	cloud_fault storage firewall
	refused "firewall"
}

@test "audience refused" {
	cloud_fault storage audience
	refused "audience"
}

@test "the service's request id is told" {
	cloud_fault storage firewall
	refused "request id"
}

@test "clock skew is told in seconds" {
	cloud_fault storage audience
	cloud_fault storage skew 4000
	refused "seconds"
}

@test "a clock that is wrong is warned about" {
	cloud_fault storage skew 400
	run --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	echo "$stderr"
	[[ $stderr == *"clock is "*" seconds "*" that of the server, and Kerberos allows 300. Set the clock"* ]]
}

@test "the storage endpoint is busy (503): tried again" {
	cloud_fault storage status 503 'Retry-After: 1' count=1
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mounted "$MNT" sec=krb5
	[[ $(cloud_requests storage) == 2 ]]
}

@test "connection dropped" {
	cloud_fault storage drop count=1
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mounted "$MNT" sec=krb5
}

@test "a redirect is not followed" {
	cloud_fault storage redirect "https://$HOST2/"
	refused ""
	[[ $(cloud_requests storage/acct2) == 0 ]]
}

@test "certificate of another name, expired, untrusted" {
	for fault in name expired untrusted; do
		cloud_reset
		cloud_fault storage tls "$fault"
		echo "# $fault"
		refused "certificate"
	done
}

@test "Entra: no federated credential matches" {
	cloud_fault entra federation
	cloud_assertion >/run/assertion
	refused "federated" "identity=workload,tenant_id=$TENANT,client_id=$CLIENT1,token_file=/run/assertion"
}

@test "Entra: wrong secret" {
	echo wrong >/run/client-secret
	refused "secret" "identity=sp,tenant_id=$TENANT,client_id=$CLIENT1,client_secret_file=/run/client-secret"
}

@test "token file missing" {
	refused "/run/nosuchtoken" "identity=token,token_file=/run/nosuchtoken"
}

@test "Arc: the challenge names a file elsewhere" {
	cloud_arc on
	for fault in outside climb suffix large empty no-file no-realm; do
		cloud_reset
		cloud_arc on
		cloud_fault arc/challenge "$fault"
		echo "# $fault"
		refused ""
	done
}

@test "an outage that ends is waited for" {
	cloud_service stop
	(sleep 10; systemctl start azure-cloud.service) 3>&- &
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=70,identity=system </dev/null
	wait $!
	mounted "$MNT" sec=krb5
}

@test "keyutils is missing" {
	mv /sbin/request-key /sbin/request-key.away
	status=0
	run --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mv /sbin/request-key.away /sbin/request-key
	[[ $status == 32 ]]
	[[ $stderr == *"Install keyutils"* ]]
}

@test "the upcall is not installed" {
	mv /etc/request-key.d/azfiles.conf /run/azfiles.conf
	run --separate-stderr mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	mv /run/azfiles.conf /etc/request-key.d/azfiles.conf
	[[ $status == 32 ]]
	[[ $stderr == *"/etc/request-key.d/azfiles.conf is missing"* ]]
}

@test "an upcall that cannot renew asks the network once in ten seconds" {
	cloud_ticket_life 10
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	cloud_fault storage firewall
	sleep 11
	cloud_forget
	azure_files restart
	for _ in {1..20}; do
		timeout 2 stat -f "$MNT" || true
		sleep 1
	done
	cloud_log storage
	(($(cloud_requests storage) <= 5))
	(($(cloud_requests storage) >= 1))
}
