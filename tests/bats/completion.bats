#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What bash, zsh and fish complete for azfilesctl, typed at a terminal.

# shellcheck disable=SC2030,SC2031,SC2154

load helper

SHELLS=(bash zsh fish)
TAB=$'\t' ALL=$'\x18'

# Names that a shell would take apart, or run, if they were not quoted.
# shellcheck disable=SC2016
ODD=('/srv/a b' "/srv/it's" '/srv/"q"$x;&`touch ran`\n' '/srv/$(touch ran)' '/srv/-é:=*?~!#[x]{y,z}')

# A tree as "make install" makes it, and the odd names in fstab.
prepare() {
	local build=${AZF_DOUBLE%/tests/*} share=$BATS_TEST_TMPDIR/share name number=0
	mkdir -p "$share"/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
	cd "$BATS_TEST_DIRNAME/../../mount/completion" || return
	cp azfilesctl.bash "$share/bash-completion/completions/azfilesctl"
	cp azfilesctl.zsh "$share/zsh/site-functions/_azfilesctl"
	cp azfilesctl.fish "$share/fish/vendor_completions.d"
	cd - >/dev/null || return
	PATH=$(realpath "$build"):$PATH
	HELP=$(azfilesctl --help)
	for name in "${ODD[@]}"; do
		name=${name//\\/\\134}
		name=${name// /\\040}
		number=$((number + 1))
		echo "//acct$number.file.core.windows.net/share ${name//#/\\043} azfiles _netdev 0 0"
	done >"$ETC/fstab"
	echo '/dev/sda1 /srv/disk ext4 defaults 0 0' >>"$ETC/fstab"
}

# typed SHELL TEXT...: in $lines, all that became of each, and "--".
typed() {
	local shell=$1
	shift
	run unshare -m sh -c "$private" - "$ETC" \
		python3 "$BATS_TEST_DIRNAME/type.py" "$shell" "$BATS_TEST_TMPDIR/share" "$@"
	echo "$shell: status $status"
	echo "$output"
	[ "$status" -eq 0 ]
}

# becomes SHELL TEXT WORD...: TEXT, typed behind azfilesctl, becomes these words.
becomes() {
	local shell=$1 text=$2
	shift 2
	typed "$shell" "azfilesctl $text"
	[ "$output" = "$(printf '%s\n' azfilesctl "$@" --)" ]
}

# offers TEXT: the words, sorted, that this text became, but the first.
offers() {
	awk -v text="$1" '
		$0 == "--" { n++; next }
		n + 1 == text && $0 != "azfilesctl"
	' <<<"$output" | sort
}

# From the help: the verbs; the options of one.
verbs() { grep -oE '^  [a-z]+( [a-z]+)?' <<<"$HELP" | sed 's/^ *//'; }
options() {
	azfilesctl help "$@" | grep -oE '^ {6}(-[a-z],)? *--[a-z-]+' | grep -oE -- '-[a-z-]+' |
		awk '{ print $1 } END { print "--help" }'
}

@test "each verb and each option is offered" {
	local shell verb texts number
	prepare
	texts=("azfilesctl $ALL" "azfilesctl -$ALL" "azfilesctl key $ALL")
	while IFS= read -r verb; do
		texts+=("azfilesctl $verb -$ALL")
	done < <(verbs)
	for shell in "${SHELLS[@]}"; do
		typed "$shell" "${texts[@]}"
		diff <(offers 1 | grep -v '^-') <({ verbs | awk '{ print $1 }'; echo help; } | sort -u)
		diff <(offers 2) <(printf '%s\n' --help --version)
		diff <(offers 3) <(verbs | sed -n 's/^key //p; $a key' | sort)
		number=3
		while IFS= read -r verb; do
			number=$((number + 1))
			# shellcheck disable=SC2086 # several words
			diff <(offers "$number") <({ printf '%s\n' $verb; options $verb; } | sort)
		done < <(verbs)
	done
}

@test "each option of a mount is offered, but no secret" {
	local shell
	prepare
	for shell in "${SHELLS[@]}"; do
		typed "$shell" "azfilesctl persist -o $ALL" "azfilesctl persist --options=ro,vers=3.1.$TAB"
		diff <(offers 1 | grep -vxE -- '-o|persist' | sed 's/=$//' | sort -u) \
			<(mount.azfiles -h | awk '
				/^options of/ { on = 1; next }
				!on || NF < 3 && $1 !~ /=/ { next }
				{
					name = $1; sub(/=.*/, "", name)
					if (name ~ /^password/) next
					if (sub(/^\[no\]/, "", name)) print "no" name
					print name
				}' | sort -u)
		offers 2 | grep -xF -- --options=ro,vers=3.1.1
	done
}

@test "mount points come out as they are, whatever is in them and however one quotes" {
	local shell
	prepare
	for shell in "${SHELLS[@]}"; do
		typed "$shell" "azfilesctl unpersist $ALL"
		diff <(offers 1 | grep -vx unpersist) <(printf '%s\n' "${ODD[@]}" | sort)
		typed "$shell" "azfilesctl unpersist /srv/a$TAB" \
			"azfilesctl unpersist /srv/a\\ $TAB" \
			"azfilesctl unpersist '/srv/a$TAB" \
			"azfilesctl unpersist \"/srv/a $TAB" \
			"azfilesctl unpersist /srv/it$TAB" \
			"azfilesctl unpersist '/srv/it$TAB" \
			"azfilesctl unpersist /srv/\\\"$TAB" \
			"azfilesctl unpersist \"/srv/\\\"$TAB" \
			"azfilesctl unpersist /srv/\\\$$TAB" \
			"azfilesctl unpersist '/srv/\$$TAB" \
			"azfilesctl unpersist /srv/-é:$TAB"
		diff <(printf '%s\n' "$output" | grep -vxE 'azfilesctl|unpersist|--') <(
			printf '%s\n' "${ODD[0]}" "${ODD[0]}" "${ODD[0]}" "${ODD[0]}" "${ODD[1]}" "${ODD[1]}" \
				"${ODD[2]}" "${ODD[2]}" "${ODD[3]}" "${ODD[3]}" "${ODD[4]}"
		)
	done
	[ ! -e ran ]
}

@test "where no mount point fits there are directories, and files where a file is meant" {
	local shell
	prepare
	mkdir -p "new dir/sub"
	echo k >"the key"
	for shell in "${SHELLS[@]}"; do
		typed "$shell" "azfilesctl persist //acct1$TAB new$TAB" \
			"azfilesctl key add acct1 --file the$TAB" "azfilesctl key add acct1 --file=the$TAB"
		offers 1 | grep -xE 'new dir/?'
		offers 1 | grep -xF //acct1.file.core.windows.net/share
		offers 2 | grep -xF 'the key'
		offers 3 | grep -xF -- '--file=the key'
	done
}

@test "accounts are those with stored keys, else those of the mounts" {
	local shell
	prepare
	for shell in "${SHELLS[@]}"; do
		rm -f "$ETC"/azfiles/keys/*
		typed "$shell" "azfilesctl key delete $ALL"
		diff <(offers 1) <(printf '%s\n' acct{1..5} delete key)
		echo password=k | tee "$ETC/azfiles/keys/stored1.cred" >"$ETC/azfiles/keys/stored2.cred.enc"
		typed "$shell" "azfilesctl key rotate $ALL"
		diff <(offers 1) <(printf '%s\n' key rotate stored1 stored2)
	done
}

@test "an option that was given is not offered again, and help completes verbs" {
	local shell
	prepare
	for shell in "${SHELLS[@]}"; do
		becomes "$shell" "persist --now --n$TAB" persist --now --no-try
		becomes "$shell" "recover -q --q$TAB" recover -q --q
		becomes "$shell" "help key rot$TAB" help key rotate
	done
}

# ctl ARGUMENT...
ctl() {
	run --separate-stderr azfilesctl "$@"
	echo "status $status"
	echo "stdout: $output"
	echo "stderr: $stderr"
}

@test "help of one verb, of several, and of none" {
	prepare
	ctl help key rotate
	succeeds
	[[ $output == *'  key rotate ACCOUNT|HOST'* && $output == *--no-mounts* ]]
	[[ $output != *'key add'* && $output != *persist* ]]
	rotate=$output
	ctl key rotate acct1 --help
	succeeds
	[ "$output" = "$rotate" ]
	ctl key --help
	succeeds
	[[ $output == *'key rotate'*  && $output == *'key add'* && $output != *persist* ]]
	ctl help
	succeeds
	[ "$output" = "$HELP" ]
	ctl help nothing
	fails 1
	[ -z "$output" ]
	[ "$stderr" = "azfilesctl: there is no verb 'nothing'. 'azfilesctl --help' shows all verbs" ]
}

@test "what is wrong with an option is said of that option" {
	prepare
	local call said
	while IFS='|' read -r call said; do
		# shellcheck disable=SC2086 # several words
		ctl $call
		fails 1
		[ "$stderr" = "azfilesctl: $said" ] || { echo "not: $said"; return 1; }
	done <<-'END'
		refresh /srv/a -xn|refresh has no option '-x'. 'azfilesctl refresh --help' shows all
		refresh --soon|refresh has no option '--soon'. 'azfilesctl refresh --help' shows all
		refresh --now=1|the option --now takes no value. 'azfilesctl refresh --help' shows how to call it
		recover -t|the option --timeout needs a value. 'azfilesctl recover --help' shows how to call it
		recover -nt|the option --timeout needs a value. 'azfilesctl recover --help' shows how to call it
		status --json --json|the option --json was given twice
	END
}

@test "a full disk is noticed" {
	local call
	for call in --version help 'completion bash' 'completion zsh' 'completion fish'; do
		# shellcheck disable=SC2016 # not for this shell
		run -2 sh -c 'exec "$AZF_CTL_DOUBLE" $1 >/dev/full' - "$call"
	done
}

@test "a misspelt verb gets a suggestion" {
	prepare
	ctl perist x
	fails 1
	[ "$stderr" = "azfilesctl: there is no verb 'perist'. Did you mean 'persist'?" ]
	ctl kye list
	fails 1
	[ "$stderr" = "azfilesctl: there is no verb 'kye'. Did you mean 'key'?" ]
	ctl key lsit
	fails 1
	[ "$stderr" = "azfilesctl: 'key' takes one more word. 'azfilesctl key --help' shows which" ]
	ctl
	fails 1
	[ "$stderr" = "azfilesctl: it takes a verb. 'azfilesctl --help' shows all verbs" ]
}
