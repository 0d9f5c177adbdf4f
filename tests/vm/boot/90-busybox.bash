# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
name='without systemd: busybox init, an rc script, and "mount -a" mount a key and an identity line'

state=/var/lib/azf-test/without-systemd

before() {
    store_key acct1
    mkdir -p /srv/{local,key,identity} "$state"
    fstab "tmpfs /srv/local tmpfs defaults 0 0"
    fstab "//$HOST1/share /srv/key azfiles _netdev 0 0"
    fstab "//$HOST2/share /srv/identity azfiles identity=system,_netdev 0 0"
    readlink /sbin/init >"$state/init"
    echo '::sysinit:/usr/local/lib/azf-test/rc-without-systemd' >/etc/inittab
    ln -sf /bin/busybox /sbin/init
}

# That boot rebooted; this one is systemd's again.
after() {
    local log
    rm /etc/inittab
    cat "$state/log"
    log=$(<"$state/log")
    rm -r "$state"
    [[ $log == "init is /usr/bin/busybox, standard input is /dev/console"* ]]
    [[ $log == *"mount -a -O no_netdev: status 0"$'\n'"local:"$'\n/srv/local tmpfs '+([^$'\n'])$'\n'* ]]
    [[ $log == *"trying again for 75 seconds"* ]]
    [[ $log == *"mount -a -O _netdev: status 0"* ]]
    [[ $log == *$'\n/srv/key cifs '* && $log == *$'\n/srv/identity cifs '*,sec=krb5,* ]]
    [[ $log == *"umount -a -O _netdev: status 0"$'\n'"left:"$'\n/srv/local tmpfs '+([^$'\n']) ]]
    [[ $(<"$(azure_dir acct1 share)/from-key") == 'hello from key' ]]
    [[ $(<"$(azure_dir acct2 share)/from-identity") == 'hello from identity' ]]
    [[ $(stat -c %U "$(azure_dir acct2 share)/from-identity") == AzureFileClient ]]
}
