#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# azfilesctl doctor, on the way to a server: each sickness is one finding. The
# server is a stand-in, which negotiates and no more.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

PORT=14451

# server [OPTION...]: one of smb-stand-in.py, in place of the one before.
server() {
	[[ -z ${listeners[*]-} ]] || { kill "${listeners[@]}"; wait "${listeners[@]}" || true; }
	"$BATS_TEST_DIRNAME/smb-stand-in.py" 127.0.0.2 "$PORT" "$@" 3>&- &
	listeners=($!)
	for _ in {1..100}; do
		! (: <"/dev/tcp/127.0.0.2/$PORT") 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# sick EXPECTED TEXT [OPTIONS]: these of the network's checks, as CHECK:LEVEL, warn
# or fail, with this text; or none, and a check that is fine has it.
sick() {
	run --separate-stderr unshare -m sh -c \
		'mount --bind "$1" /etc && mount -t tmpfs none /run && shift && exec "$@"' \
		- "$ETC" "$AZF_CTL_DOUBLE" doctor --json "$SRC" -o "credentials=$CRED,port=$PORT${3:+,$3}" </dev/null
	python3 - "$output" "$1" "$2" <<-'END'
		import json, sys
		checks = ('name', 'port', 'smb', 'vers', 'skew', 'trial')
		found = [f for f in json.loads(sys.argv[1])['findings'] if f['check'] in checks]
		bad = [f for f in found if f['level'] in ('warn', 'fail')]
		names = ' '.join(f['check'] + ':' + f['level'] for f in bad)
		texts = ' '.join(f['cause'] + '. ' + (f['cure'] or '') for f in bad or found)
		if names != sys.argv[2] or sys.argv[3] not in texts:
		    print('expected %s: %s' % tuple(sys.argv[2:4]))
		    for f in found:
		        print('  %(level)s %(check)s: %(cause)s. %(cure)s' % f)
		    sys.exit(1)
	END
}

@test "doctor: a server in order" {
	server
	sick '' "/etc/hosts says that $HOST is 127.0.0.2"
	sick '' "127.0.0.2 takes connections on TCP port $PORT"
	sick '' "$HOST chooses SMB 3.0.2 with AES-128-CCM"
	sick '' "the clock agrees with that of $HOST"
	sick '' "$HOST offers SMB 2.1" vers=2.1
	# it signs nobody in, but it is not tried without --try
	sick '' "ip= says that $HOST is 127.0.0.2" ip=127.0.0.2
}

@test "doctor: names" {
	: >"$ETC/hosts"
	sick name:fail "the name $HOST does not exist in DNS"
	printf '127.0.0.3 other # %s\n127.0.0.3\t%s\n' "$HOST" "${HOST^^}" >"$ETC/hosts"
	sick name:fail "/etc/hosts says that $HOST is 127.0.0.3, which does not answer on TCP port $PORT. Remove the line"
	# several addresses, of which one is dead
	server
	printf '127.0.0.2 %s\n127.0.0.3 %s\n' "$HOST" "$HOST" >"$ETC/hosts"
	sick port:warn "refuses connections at 127.0.0.3, TCP port $PORT"
}

@test "doctor: nobody at the port" {
	sick port:fail "$HOST refuses connections at 127.0.0.2, TCP port $PORT. Check the name" ip=127.0.0.2
	sick port:fail 'there is no route to' ip=255.255.255.255
}

@test "doctor: dialects" {
	server refuse=311
	sick smb:fail 'refuses an offer that has SMB 3.1.1 in it, and takes SMB 3.0.2. Add vers=3.0.2'
	server
	sick vers:fail "$HOST does not offer what vers=3.1.1 demands. Leave out vers=" vers=3.1.1
	server refuse=300
	sick smb:fail 'refuses every dialect of SMB that the kernel speaks'
}

@test "doctor: what is not SMB" {
	server 'say=HTTP/1.1 400 Bad Request'
	sick smb:fail 'answers with something that is not SMB'
	server say=
	sick smb:fail 'closes it without an answer'
}

@test "doctor: clocks that differ" {
	server behind=400
	sick skew:fail "400 seconds ahead of that of $HOST, and Kerberos allows 300. Set the clock"
	server behind=-90
	sick skew:warn "seconds behind that of $HOST"
	server behind=30
	sick '' "the clock agrees"
}
