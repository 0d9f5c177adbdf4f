#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Reads and writes all the time on a soft and a hard mount while tickets end, again
# and again: with the timer, and with the upcall alone. What was written is what the
# server has. With --test-limit 600 or more it goes on for longer, and there is a
# third mount: of mount.cifs with cifs.upcall, and with a ticket that a loop refills.
load ../lib

if ((${BATS_TEST_TIMEOUT:-0} >= 600)); then
	IO_SECONDS=600 LIFE=120 KINDS=(soft hard cifs)
else
	IO_SECONDS=100 LIFE=30 KINDS=(soft hard)
fi
SHARES=(share share1 share2)
DROPIN=/run/systemd/system/azfiles-refresh.timer.d
background=()

# bats takes it when it has read the file
((BATS_TEST_TIMEOUT >= 3 * IO_SECONDS)) || BATS_TEST_TIMEOUT=$((3 * IO_SECONDS))

eval "common_$(declare -f teardown)"

teardown() {
	kill "${background[@]}" 2>/dev/null || true
	systemctl stop azfiles-refresh.path azfiles-refresh.timer azfiles-refresh.service || true
	systemctl unmask --runtime azfiles-refresh.timer
	rm -rf "$DROPIN"
	systemctl daemon-reload
	common_teardown
	rm -rf /srv/{soft,hard,cifs}
}

mount_all() {
	mkdir -p "${KINDS[@]/#//srv/}"
	cloud_ticket_life "$LIFE"
	mount -t azfiles "//$HOST1/share" /srv/soft -o retry=0,identity=system
	mount -t azfiles "//$HOST1/share1" /srv/hard -o retry=0,identity=system,hard
	[[ ${KINDS[2]:-} ]] || return 0
	cloud_refill "$LIFE" 3>&- &
	background+=($!)
	cloud_mount_cifs "//$HOST1/share2" /srv/cifs
}

# said KIND: what its program said.
said() { cat "/run/azf-test/$1.said"; }

# judge KIND SHARE: all is there, and nobody waited longer than it takes to begin a
# session anew.
judge() {
	(cd "$(azure_dir acct1 "$2")" && sha256sum --quiet --check "/run/azf-test/$1.sums")
	[[ $(said "$1") =~ longest=([0-9]+) ]]
	((BASH_REMATCH[1] < 60))
}

# io: for so long; what it met is for whoever reads the results.
io() {
	local n kind pids=()
	mount_all
	cloud_forget
	# for the host, which ends what is silent for long
	(while sleep 20; do printf '@now %s\n' "$BATS_TEST_DESCRIPTION" >&3; done) &
	background+=($!)
	for kind in "${KINDS[@]}"; do
		python3 /opt/azf-test/live/renewal-io.py "/srv/$kind" "$IO_SECONDS" "/run/azf-test/$kind.sums" \
			>"/run/azf-test/$kind.said" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" || true
	for kind in "${KINDS[@]}"; do
		said "$kind" | sed "s/^/# $kind: /" >&3
	done
	echo "# tickets: $(cloud_requests storage);$(grep reconnects /proc/fs/cifs/Stats)" >&3
	umount "${KINDS[@]/#//srv/}"
	for n in 0 1; do
		judge "${KINDS[n]}" "${SHARES[n]}"
	done
	# a ticket for each two thirds of a life at least, and no storm
	(($(cloud_requests storage) >= IO_SECONDS / LIFE - 1))
	(($(cloud_requests storage) <= 3 * IO_SECONDS / LIFE))
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
