#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Completion of azfilesctl, as far as it asks the kernel; tests/bats has the rest.

load ../lib

@test "completion: a mount that hangs is offered, and the shell does not hang" {
	local target='/srv/a share'
	mkdir -p "$target"
	store_key acct1
	mount -t azfiles "//$HOST1/share" "$target" -o ip=10.77.0.11,retry=0,actimeo=0
	azure_block "ip daddr 10.77.0.11 drop"
	run timeout 2 stat -f "$target"
	[[ $status == 124 ]]
	# shellcheck disable=SC2016 # for the other shell
	run -0 timeout 20 bash -c '
		. /usr/share/bash-completion/completions/azfilesctl
		for COMP_LINE in "azfilesctl recover /srv/a" "azfilesctl persist //acct1"; do
			COMP_POINT=${#COMP_LINE}
			_azfilesctl
			printf "%s\n" "${COMPREPLY[@]}"
		done'
	[[ $output == "/srv/a\\ share"$'\n'"//$HOST1/share" ]]
	azure_unblock
	umount "$target"
	rmdir "$target"
}
