#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults that programs like ours have had, where a real kernel is needed to try them.
. /opt/azf-test/lib.bash

# The kernel alone makes keys of this type; a key of another type that looks like one
# is not answered.
@test "past faults: a user makes no question of the kernel's" {
	local question="ver=0x2;host=$HOST1;ip4=10.77.0.11;sec=krb5;uid=0x0;creduid=0x0;user=system;pid=0x1"
	modprobe cifs
	for as in root alice; do
		# in a session of one's own keys can be made
		local session=(runuser -u "$as" -- keyctl session -)
		run -0 "${session[@]}" keyctl add user "$question" x @s
		run -1 "${session[@]}" keyctl add cifs.spnego "$question" x @s
		[[ $output == *'not permitted'* ]]
		run -1 "${session[@]}" keyctl request2 cifs.spnego "$question" '' @s
		[[ $output == *'not permitted'* ]]
	done
	key=$(keyctl add user "$question" x @u)
	run ! azfiles.upcall "$key"
	run -0 keyctl describe "$key"
	keyctl unlink "$key" @u
}
