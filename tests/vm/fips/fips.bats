#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A kernel in FIPS mode has no MD5, and NTLMv2 needs it.
load ../lib

@test "FIPS mode: a key mount says why it cannot work" {
	[[ $(</proc/sys/crypto/fips_enabled) == 1 ]]
	run -32 --separate-stderr mount -t azfiles -o "credentials=$CRED,retry=0" "//$HOST1/share" "$MNT"
	# shellcheck disable=SC2154  # set by run
	echo "$stderr"
	[[ $stderr == *"keys need NTLMv2, and this kernel's FIPS mode has no MD5 for it"* ]]
	[[ $(wc -l <<<"$stderr") == 1 ]]
}

@test "FIPS mode: an identity works" {
	mount -t azfiles -o "retry=0,identity=system" "//$HOST1/share" "$MNT"
	mounted "$MNT" sec=krb5
	echo hello >"$MNT/file"
	[[ $(<"$MNT/file") == hello ]]
}
