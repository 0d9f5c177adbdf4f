#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
load ../lib
@test "probe: things" {
	exec 2>&1; sleep 3
	systemctl start azfiles-refresh.path
	systemctl status azfiles-refresh.path azfiles-refresh.timer || true
	mount -t azfiles "//$HOST1/share" "$MNT" -o retry=0,identity=system
	sleep 1
	systemctl list-timers --all || true
	systemctl status azfiles-refresh.path azfiles-refresh.timer || true
	cat /proc/fs/cifs/DebugData
	findmnt -t cifs -o OPTIONS
	cat /run/azfiles/*/*/{ticket,credential}
	systemctl start azfiles-refresh.service || true
	journalctl -u azfiles-refresh.service -u azfiles-refresh.timer -u azfiles-refresh.path --no-pager
	sed -i "s/^early=.*/early=1/" /run/azfiles/*/*/ticket
	systemctl start azfiles-refresh.service || true
	journalctl -u azfiles-refresh.service -u azfiles-refresh.timer -u azfiles-refresh.path --no-pager
	systemd-analyze security --no-pager azfiles-refresh.service || true
	cloud_log
	azfilesctl refresh -v
	azfilesctl refresh --now
	strace -c -f azfilesctl refresh -v
	time azfilesctl refresh -v
	umount $MNT
	azfilesctl refresh -v
	sed -i "s/since=.*/since=1/" /run/azfiles/*/*/unused
	ls -la /run/azfiles /run/azfiles/*/* /run/azfiles/.lock
	azfilesctl refresh -v
	ls -laR /run/azfiles
	setpriv --reuid azfiles --regid azfiles --clear-groups keyctl show @u
	false
}
