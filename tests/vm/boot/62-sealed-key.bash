# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='a sealed key mounts at boot, and not on a copy of its file in another machine'

secret=/var/lib/systemd/credential.secret

before() {
    azfilesctl key add acct1 --seal <<<"$ACCT1_KEY1"
    [[ $(ls -A /etc/azfiles/keys) == acct1.cred.enc ]]
    mkdir -p "$MNT"
    fstab "//$HOST1/share $MNT azfiles _netdev,nofail 0 0"
    azure_file acct1 share/file hello
}

# The other machine has an id and a host key of its own.
after() {
    within 60 mounted "$MNT" username=acct1
    [[ $(<"$MNT/file") == hello ]]
    echo "# multi-user after $(boot_seconds) s, mounted after $(unit_seconds srv-share.mount) s"
    cp --preserve /etc/machine-id "$secret" /var/lib/azf-test/
    tr 0-9a-f 1-9a-f0 </var/lib/azf-test/machine-id >/etc/machine-id
    rm "$secret"
}

# What it was before comes back first: a failed test must not spoil the next.
after2() {
    rm -f "$secret"
    mv /var/lib/azf-test/credential.secret "$secret"
    mv /var/lib/azf-test/machine-id /etc/machine-id
    within 60 systemctl --quiet is-failed srv-share.mount
    [[ $(mounts_at "$MNT") == 0 ]]
    journalctl --boot --unit srv-share.mount |
        grep -F 'cannot unseal the key in /etc/azfiles/keys/acct1.cred.enc' |
        grep -F "It was sealed on another machine"
}
