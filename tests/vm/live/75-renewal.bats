#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Reads and writes all the time while tickets end, again and again: with the timer,
# and with the upcall alone. What was written is what the server has. With
# --test-limit 600 or more it goes on for longer.
load ../lib

if ((${BATS_TEST_TIMEOUT:-0} >= 600)); then
	IO_SECONDS=600 LIFE=120
else
	IO_SECONDS=100 LIFE=30
fi
DROPIN=/run/systemd/system/azfiles-refresh.timer.d

# bats takes it when it has read the file
((BATS_TEST_TIMEOUT >= 3 * IO_SECONDS)) || BATS_TEST_TIMEOUT=$((3 * IO_SECONDS))

eval "common_$(declare -f teardown)"

teardown() {
	[[ -z ${ticker:-} ]] || kill "$ticker" 2>/dev/null || true
	systemctl stop azfiles-refresh.path azfiles-refresh.timer azfiles-refresh.service || true
	systemctl unmask --runtime azfiles-refresh.timer
	rm -rf "$DROPIN"
	systemctl daemon-reload
	common_teardown
}

# io: for so long, with what it met in $output and for whoever reads the results.
io() {
	cloud_ticket_life "$LIFE"
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	cloud_forget
	# for the host, which ends what is silent for long
	(while sleep 20; do printf '@now %s\n' "$BATS_TEST_DESCRIPTION" >&3; done) &
	ticker=$!
	run -0 python3 /opt/azf-test/live/renewal-io.py "$MNT" "$IO_SECONDS" /run/azf-test/sums
	kill "$ticker"
	printf "# %s\n" "${lines[@]}" "tickets: $(cloud_requests storage);$(grep reconnects /proc/fs/cifs/Stats)" >&3
	umount "$MNT"
	(cd "$(azure_dir acct1 share)" && sha256sum --quiet --check /run/azf-test/sums)
	# a ticket for each two thirds of a life at least, and no storm
	(($(cloud_requests storage) >= IO_SECONDS / LIFE - 1))
	(($(cloud_requests storage) <= 3 * IO_SECONDS / LIFE))
	# nobody waits longer than it takes to begin a session anew
	[[ ${lines[0]} =~ longest=([0-9]+) ]]
	((BASH_REMATCH[1] < 60))
}

@test "renewal: I/O all the time, tickets renewed by the timer" {
	mkdir -p "$DROPIN"
	printf '%s\n' '[Timer]' OnActiveSec= OnUnitActiveSec= OnActiveSec=1s OnUnitActiveSec=2s AccuracySec=100ms >"$DROPIN/test.conf"
	systemctl daemon-reload
	cursor=$(journalctl --boot --lines=1 --output=cat --show-cursor | sed -n 's/^-- cursor: //p')
	systemctl start azfiles-refresh.path
	io
	# on a slow machine the upcall may come first once
	journalctl --sync
	journalctl --quiet --after-cursor="$cursor" --output=short |
		grep -E ' azfiles(-refresh|\.upcall)\[' | tee /run/azf-test/said
	(($(grep -c ': renewed, valid until ' /run/azf-test/said) >= $(cloud_requests storage) - 1))
}

@test "renewal: I/O all the time, timer masked, tickets renewed by the upcall" {
	systemctl mask --runtime azfiles-refresh.timer
	systemctl start azfiles-refresh.path || true
	io
}
