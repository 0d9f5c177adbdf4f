# SPDX-License-Identifier: MIT
# points.bash - for scripts that print TAP: check() is one point, end_points() the
# end. $1 of the script is a pattern: only points whose description matches.
# shellcheck shell=bash

pattern=${1:-}
count=0 failed=0

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# check DESCRIPTION COMMAND...: passes if it succeeds and says nothing.
check() {
	local description=$1 word=ok output status=0
	shift
	[[ $description == *$pattern* ]] || return 0
	output=$("$@" 2>&1) || status=$?
	count=$((count + 1))
	if ((status != 0)) || [[ -n $output ]]; then
		word='not ok' failed=$((failed + 1))
		[[ -z $output ]] || head -n 60 <<<"# ${output//$'\n'/$'\n# '}"
	fi
	echo "$word $count - $description"
}

end_points() {
	echo "1..$count"
	((failed == 0))
}
