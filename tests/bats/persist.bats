#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl persist and unpersist, with a recorded mount(2).

# shellcheck disable=SC2030,SC2031,SC2154

load helper

# ctl ARGUMENT...: with an /etc of its own, and no systemd in /run.
ctl() {
	# shellcheck disable=SC2016,SC2086 # not for this shell; several words
	run --separate-stderr unshare -m sh -c \
		'mount --bind "$1" /etc && mount -t tmpfs none /run && shift && exec "$@"' \
		- "$ETC" ${AZF_WRAPPER:-} "$AZF_CTL_DOUBLE" "$@" </dev/null
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

FSTAB_TEXT='# a comment

UUID=1	/	ext4	defaults	0 1
'
UNITS=

# All that these tests need, besides what the others do.
prepare() {
	OPTS=credentials=$CRED,port=$PORT
	listen 127.0.0.2
	printf %s "$FSTAB_TEXT" >"$ETC/fstab"
	mkdir -p "$ETC/systemd/system"
	UNITS=$ETC/systemd/system
	LINE="$SRC $MNT azfiles $OPTS,_netdev,nofail 0 0"
	UNIT=$(systemd-escape --path --suffix=mount "$MNT")
}

untouched() { printf %s "$FSTAB_TEXT" | cmp - "$ETC/fstab"; }

# One line on stderr of this form.
ctl_says() {
	[[ $stderr != *$'\n'* ]] || return
	# shellcheck disable=SC2053 # patterns
	[[ $stderr == azfilesctl:\ $1 ]]
}

# bats test_tags=valgrind
@test "persist: checked, tried, written; unpersist: as before" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ -z "$stderr" ]
	[ "$output" = "added line 4 of /etc/fstab" ]
	[ "$(cat "$ETC/fstab")" = "$FSTAB_TEXT$LINE" ]
	[ "$(calls)" -eq 1 ]
	[ "$(recorded source)" = "$SRC" ]
	[ "$(recorded target)" = "$MNT" ]
	printf %s "$FSTAB_TEXT" | cmp - "$ETC/fstab.azfiles~"
	ctl unpersist "$MNT"
	succeeds
	[ "$output" = "removed line 4 of /etc/fstab" ]
	untouched
	[ -e "$MNT" ]
}

@test "persist: the trial is in a name space of its own" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS"
	succeeds
	[ -n "$(recorded namespace)" ]
	[ "$(recorded namespace)" != "$(readlink /proc/self/ns/mnt)" ]
}

@test "persist: both are idempotent" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	succeeds
	cp -p "$ETC/fstab" before
	ctl persist "$SRC" "$MNT/" -o "$OPTS" --no-try
	succeeds
	[ "$output" = "nothing to do: it is line 4 of /etc/fstab already" ]
	cmp before "$ETC/fstab"
	ctl unpersist "$MNT"
	succeeds
	ctl unpersist "$MNT"
	succeeds
	[[ $output == "nothing to do: "* ]]
	untouched
}

@test "persist: a failed trial writes nothing" {
	prepare
	export AZF_TEST_ERRNO=13
	ctl persist "$SRC" "$MNT" -o "$OPTS"
	fails 32
	ctl_says "the key from $CRED is not a storage account key: *"
	untouched
	[ ! -e "$ETC/fstab.azfiles~" ]
}

# bats test_tags=valgrind
@test "persist: --no-try checks what needs no network" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	succeeds
	[ "$(calls)" -eq 0 ]
	ctl unpersist "$MNT"
	ctl persist "$SRC" "$MNT" -o "mfsymlink,$OPTS" --no-try
	fails 1
	ctl_says "unknown option 'mfsymlink'. Did you mean 'mfsymlinks'?"
	ctl persist "${SRC//\//\\}" "$MNT" --no-try
	fails 1
	ctl_says "the source * is not in the form //HOST/SHARE. Write it as $SRC"
	ctl persist "$SRC" "$MNT" --no-try
	fails 32
	ctl_says "no key of acct1 was given, and none is stored. *"
	ctl persist "$SRC" "$MNT" --no-try -o remount
	fails 1
	untouched
}

@test "persist: a key stored by account needs no options" {
	prepare
	cp "$CRED" "$ETC/azfiles/keys/acct1.cred"
	ctl persist "$SRC" "$MNT" --no-try
	succeeds
	[ "$(tail -n 1 "$ETC/fstab")" = "$SRC $MNT azfiles _netdev,nofail 0 0" ]
}

@test "persist: a password does not get into fstab, nor on the screen" {
	prepare
	local option
	for option in password=SECRET password2=SECRET pass=SECRET,ro; do
		ctl persist "$SRC" "$MNT" --no-try -o "$option"
		fails 1
		ctl_says "* the options have a password. Store it with 'azfilesctl key add acct1', and leave password= out"
	done
	ctl persist //other.example/share "$MNT" --no-try -o username=u,password=SECRET
	fails 1
	ctl_says '* the options have a password. * credentials=FILE'
	ctl persist "$SRC" "$MNT" --optins=password=SECRET
	fails 1
	ctl persist "$SRC" "$MNT" -o ro -o password=SECRET
	fails 1
	ctl_says 'the option --options was given twice'
	untouched
}

@test "persist: the words that systemd needs come once" {
	prepare
	local have want
	while read -r have want; do
		ctl persist "$SRC" "$MNT" --no-try -o "$OPTS,$have"
		succeeds
		[ "$(tail -n 1 "$ETC/fstab")" = "$SRC $MNT azfiles $OPTS,$want 0 0" ]
	done <<-END
		nofail,ro nofail,ro,_netdev
		_netdev _netdev,nofail
		x-systemd.automount,_netdev,nofail x-systemd.automount,_netdev,nofail
	END
	ctl persist "$SRC" "$MNT" --no-try -o "$OPTS" --automount
	succeeds
	[ "$output" = "replaced line 4 of /etc/fstab" ]
	[ "$(tail -n 1 "$ETC/fstab")" = "$SRC $MNT azfiles $OPTS,_netdev,nofail,x-systemd.automount 0 0" ]
	ctl persist "$SRC" "$MNT" --no-try -o "$OPTS" --required
	[ "$(tail -n 1 "$ETC/fstab")" = "$SRC $MNT azfiles $OPTS,_netdev 0 0" ]
	ctl persist "$SRC" "$MNT" --no-try -o "$OPTS,nofail" --required
	fails 1
	ctl_says "--required and the option nofail contradict each other. Leave one of them out"
	[ "$(tail -n 1 "$ETC/fstab")" = "$SRC $MNT azfiles $OPTS,_netdev 0 0" ]
	[ "$(wc -l <"$ETC/fstab")" -eq 4 ]
}

@test "persist: what else is mounted there is named" {
	prepare
	echo "//h/old $MNT cifs ro 0 0" >>"$ETC/fstab"
	cp "$ETC/fstab" before
	ctl persist "$SRC" "$MNT" --no-try -o "$OPTS"
	fails 32
	ctl_says "line 4 of /etc/fstab mounts a file system of the type cifs on $MNT. *"
	ctl unpersist "$MNT"
	succeeds
	cmp before "$ETC/fstab"
}

@test "persist: the mount point has to be a directory that is there" {
	prepare
	ctl persist "$SRC" "$MNT/none" --no-try -o "$OPTS"
	fails 32
	ctl_says "the mount point $MNT/none does not exist. Create it with 'mkdir -p $MNT/none', *"
	ctl persist "$SRC" "$ETC/fstab" --no-try -o "$OPTS"
	fails 32
	ctl_says "* is not a directory. *"
	ctl persist "$SRC" mnt --no-try -o "$OPTS"
	fails 1
	ctl_says "the mount point 'mnt' is not an absolute path. *"
	ctl persist "$SRC" /./ --no-try -o "$OPTS"
	fails 1
	ctl_says "/ is not a mount point *"
	ctl persist "$SRC" "$MNT/../none" --no-try -o "$OPTS"
	fails 1
	untouched
	ctl persist "$SRC" "$MNT//none" -o "X-mount.mkdir,$OPTS"
	succeeds
	[ "$stderr" = "azfilesctl: the mount is not tried, since $MNT/none does not exist yet" ]
	grep -q " $MNT/none azfiles " "$ETC/fstab"
}

@test "persist: a symbolic link is followed, in both directions" {
	prepare
	ln -s "$MNT" link
	ctl persist "$SRC" "$PWD/link" --no-try -o "$OPTS"
	succeeds
	[ "$(tail -n 1 "$ETC/fstab")" = "$LINE" ]
	ctl unpersist "$PWD/link"
	succeeds
	untouched
	echo "$SRC $PWD/link azfiles ro 0 0" >>"$ETC/fstab"
	ctl unpersist "$PWD/link"
	succeeds
	untouched
}

# bats test_tags=valgrind
@test "persist: --dry-run shows what diff would, and changes nothing" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS" --dry-run --now
	succeeds
	[ "$output" = "--- /etc/fstab
+++ /etc/fstab
@@ -3,0 +4 @@
+$LINE" ]
	untouched
	[ "$(calls)" -eq 0 ]
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	ctl persist "$SRC" "$MNT" -o "$OPTS,ro" --dry-run
	[ "$output" = "--- /etc/fstab
+++ /etc/fstab
@@ -4 +4 @@
-$LINE
+${LINE/$OPTS/$OPTS,ro}" ]
	ctl unpersist "$MNT" --dry-run
	[ "$output" = "--- /etc/fstab
+++ /etc/fstab
@@ -4 +3,0 @@
-$LINE" ]
	[ "$(tail -n 1 "$ETC/fstab")" = "$LINE" ]
}

@test "persist: ten at once" {
	prepare
	local i jobs=()
	for i in {0..9}; do
		mkdir "$MNT/$i"
		ctl persist "$SRC$i" "$MNT/$i" -o "$OPTS" --no-try &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i"
	done
	[ "$(grep -c ' azfiles ' "$ETC/fstab")" -eq 10 ]
	jobs=()
	for i in {9..0}; do
		ctl unpersist "$MNT/$i" &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i"
	done
	untouched
}

# bats test_tags=valgrind
@test "persist: --units, and back" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS,x-systemd.mount-timeout=3min" --units
	succeeds
	[ "$output" = "wrote /etc/systemd/system/$UNIT" ]
	untouched
	[ "$(calls)" -eq 1 ]
	diff -u - "$UNITS/$UNIT" <<-END
		# Made by 'azfilesctl persist'; 'azfilesctl unpersist' removes it.
		[Unit]
		Documentation=man:azfilesctl(8) man:mount.azfiles(8)

		[Mount]
		What=$SRC
		Where=$MNT
		Type=azfiles
		Options=$OPTS,_netdev,nofail
		TimeoutSec=3min

		[Install]
		WantedBy=remote-fs.target
	END
	[ -L "$UNITS/remote-fs.target.wants/$UNIT" ]
	ctl persist "$SRC" "$MNT" -o "$OPTS,x-systemd.mount-timeout=3min" --units --no-try
	succeeds
	[[ $output == "nothing to do: "* ]]
	ctl unpersist "$MNT"
	succeeds
	[ -z "$(find "$UNITS" -not -type d)" ]
	untouched
}

@test "persist: --units --automount, and changed to a plain mount" {
	prepare
	local automount=${UNIT%.mount}.automount
	ctl persist "$SRC" "$MNT" -o "$OPTS,retry=5m,x-systemd.idle-timeout=10min" --units --automount --no-try
	succeeds
	grep -x TimeoutSec=390 "$UNITS/$UNIT"
	run ! grep -F '[Install]' "$UNITS/$UNIT"
	diff -u - "$UNITS/$automount" <<-END
		# Made by 'azfilesctl persist'; 'azfilesctl unpersist' removes it.
		[Unit]
		Documentation=man:azfilesctl(8) man:mount.azfiles(8)

		[Automount]
		Where=$MNT
		TimeoutIdleSec=10min

		[Install]
		WantedBy=remote-fs.target
	END
	[ "$(cd "$UNITS" && echo remote-fs.target.*/*)" = "remote-fs.target.wants/$automount" ]
	ctl persist "$SRC" "$MNT" -o "$OPTS" --units --no-try --required
	succeeds
	grep -x TimeoutSec=165 "$UNITS/$UNIT"
	[ ! -e "$UNITS/$automount" ]
	[ "$(cd "$UNITS" && echo remote-fs.target.*/*)" = "remote-fs.target.requires/$UNIT" ]
	ctl unpersist "$MNT"
	[ -z "$(find "$UNITS" -not -type d)" ]
}

@test "persist: --units --dry-run" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS" --units --dry-run
	succeeds
	[[ $output == "--- /dev/null
+++ /etc/systemd/system/$UNIT
@@ -0,0 +1,13 @@
+# Made by "* ]]
	[ -z "$(find "$UNITS" -not -type d)" ]
}

@test "persist: a mount is in fstab or in units" {
	prepare
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try --units
	fails 32
	ctl_says "line 4 of /etc/fstab mounts on $MNT already. *"
	ctl unpersist "$MNT"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try --units
	succeeds
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	fails 32
	ctl_says "$MNT has a unit in /etc/systemd/system already. *"
	untouched
}

@test "persist: units of others are left alone" {
	prepare
	echo '[Mount]' >"$UNITS/$UNIT"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try --units
	fails 32
	ctl_says "/etc/systemd/system/${UNIT//\\/\\\\} was not made by 'azfilesctl persist'. *"
	ctl unpersist "$MNT"
	fails 32
	[ "$(cat "$UNITS/$UNIT")" = '[Mount]' ]
}

@test "persist: what would have no effect in a unit is refused" {
	prepare
	local option
	for option in noauto x-systemd.requires=a.service; do
		ctl persist "$SRC" "$MNT" -o "$OPTS,$option" --no-try --units
		fails 1
		ctl_says "*the option $option has no effect in a unit. *"
	done
	[ -z "$(find "$UNITS" -not -type d)" ]
}

@test "persist: a path with blanks and percent signs" {
	prepare
	mkdir "$MNT/a b%c"
	ctl persist "$SRC/d e" "$MNT/a b%c" -o "$OPTS" --no-try
	succeeds
	[ "$(tail -n 1 "$ETC/fstab")" = "$SRC/d\\040e $MNT/a\\040b%c azfiles $OPTS,_netdev,nofail 0 0" ]
	ctl unpersist "$MNT/a b%c"
	untouched
	ctl persist "$SRC/d e" "$MNT/a b%c" -o "$OPTS" --no-try --units
	succeeds
	UNIT=$(systemd-escape --path --suffix=mount "$MNT/a b%c")
	grep -Fx "What=$SRC/d e" "$UNITS/$UNIT"
	grep -Fx "Where=$MNT/a b%%c" "$UNITS/$UNIT"
	ctl persist "$SRC" "$MNT/a"$'\n'"b" --no-try -o "X-mount.mkdir,$OPTS"
	fails 1
	untouched
}

@test "persist: it warns about a directory with files in it" {
	prepare
	touch "$MNT/file"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	succeeds
	ctl_says "warning: $MNT is not empty. *"
}

@test "persist: it warns about the temporary disk" {
	prepare
	mount -t tmpfs none "$MNT"
	mkdir "$MNT/share"
	ctl persist "$SRC" "$MNT/share" -o "$OPTS" --no-try
	local quiet=$stderr
	touch "$MNT/DATALOSS_WARNING_README.txt"
	ctl persist "$SRC" "$MNT/share" -o "$OPTS" --no-try
	umount "$MNT"
	[ -z "$quiet" ]
	ctl_says "warning: $MNT/share is on the temporary disk of this machine, *"
	ctl persist "$SRC" /mnt/resource/share -o "X-mount.mkdir,$OPTS" --no-try
	ctl_says "warning: /mnt/resource/share is on the temporary disk *"
}

@test "persist: an fstab that cannot be written" {
	prepare
	rm "$ETC/fstab"
	mkdir "$ETC/fstab"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	fails 32
	ctl_says "/etc/fstab is not a regular file. Nothing was changed. *"
	rmdir "$ETC/fstab"
	printf %s "$FSTAB_TEXT" >"$ETC/fstab"
	ln -sf nowhere "$ETC/fstab"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	fails 2
	ctl_says "cannot find /etc/fstab: No such file or directory. Nothing was changed"
	rm "$ETC/fstab"
	FSTAB_TEXT+=$(printf '# %05000d' 0)
	printf %s "$FSTAB_TEXT" >"$ETC/fstab"
	AZF_WRAPPER="prlimit --fsize=4096"
	ctl persist "$SRC" "$MNT" -o "$OPTS" --no-try
	fails 2
	ctl_says "cannot write /etc/fstab: File too large. Nothing was changed. Make room first"
	untouched
	[ "$(cd "$ETC" && echo .f* f*)" = ".f* fstab" ]
}

@test "persist: only root" {
	prepare
	run setpriv --reuid nobody --clear-groups "$AZF_CTL_DOUBLE" persist "$SRC" "$MNT"
	[ "$status" -eq 1 ]
	[ "$output" = "azfilesctl: only root can do this. Use 'sudo azfilesctl persist'" ]
}
