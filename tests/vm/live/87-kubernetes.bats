#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# packaging/kubernetes: what the manifests say, done as kubelet and the Azure Files
# CSI driver do it.
load ../lib

KUBELET=/var/lib/kubelet
STAGE=$KUBELET/plugins/kubernetes.io/csi/file.csi.azure.com/0123/globalmount

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
	common_setup
	mkdir -p "$STAGE" /run/azf-test/manifests
	cp /usr/local/share/azf-test/kubernetes/*.json /run/azf-test/manifests
	driver
}

teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || { findmnt --types cifs; cat /var/log/azfilesauth.log; journalctl --quiet --lines=10 --identifier=azfiles.upcall; }
	common_teardown
	rm -rf /etc/azfilesauth /etc/krb5.conf "$KUBELET" /var/log/azfilesauth.log /run/azf-test/{manifests,pod} \
		/var/lib/azfiles-node /usr/local/sbin/apt-get /azfiles
}

# The driver's own DaemonSet, as far as mounts go, and what its first container
# leaves on a node.
driver() {
	cat >/run/azf-test/manifests/0-driver.json <<-'JSON'
		[{"kind": "DaemonSet", "metadata": {"name": "csi-azurefile-node"}, "spec": {"template": {"spec": {
			"containers": [
				{"name": "azurefile", "volumeMounts": [
					{"name": "mountpoint-dir", "mountPath": "/var/lib/kubelet/", "mountPropagation": "Bidirectional"},
					{"name": "azfilesauth", "mountPath": "/etc/azfilesauth"}]},
				{"name": "azfilesrefresh", "command": ["azfilesrefresh"], "volumeMounts": [
					{"name": "mountpoint-dir", "mountPath": "/var/lib/kubelet/", "mountPropagation": "Bidirectional"}]}],
			"volumes": [
				{"name": "mountpoint-dir", "hostPath": {"path": "/var/lib/kubelet/", "type": "DirectoryOrCreate"}},
				{"name": "azfilesauth", "hostPath": {"path": "/etc/azfilesauth", "type": "DirectoryOrCreate"}}]}}}}]
	JSON
	mkdir -p "$KUBELET/kerberos" /etc/azfilesauth
	printf '[libdefaults]\ndefault_ccache_name = FILE:%s/kerberos/krb5cc_%s\n' "$KUBELET" '%{uid}' >/etc/krb5.conf
	printf 'USER_UID: 0\nKRB5_CC_NAME: %s/kerberos/krb5cc_0\nLOG_DESTINATION: "file"\n' "$KUBELET" >/etc/azfilesauth/config.yaml
}

# pod WORKLOAD CONTAINER COMMAND...
pod() {
	python3 "$BATS_TEST_DIRNAME/pod.py" "$@" >/run/azf-test/pod.bash
	unshare --mount --propagation unchanged bash -e /run/azf-test/pod.bash
}

# options NAME: mountOptions of a StorageClass or PersistentVolume.
options() {
	python3 - "$1" <<-'PYTHON'
		import glob, json, sys
		for path in glob.glob("/run/azf-test/manifests/*.json"):
		    for d in json.load(open(path)):
		        if d["metadata"]["name"] == sys.argv[1] and d["kind"] in ("StorageClass", "PersistentVolume"):
		            print(",".join(d.get("mountOptions") or d["spec"]["mountOptions"]))
	PYTHON
}

# From 6.12 on the driver says whose name space counts; before, the kernel does not
# know the word.
target_option() {
	[[ $(printf '6.12\n%s\n' "$(uname -r)" | sort -V | head -n 1) != 6.12 ]] || echo ,upcall_target=mount
}

acts_as() {
	local name=by-$1-$RANDOM
	echo hello >"$STAGE/$name"
	[[ $(stat -c %U "$(azure_dir acct1 share)/$name") == "$1" ]]
}

@test "kubernetes: the driver's container asks the node, and its mount outlives it" {
	# nothing of azfiles is in the container but the bridge
	run pod csi-azurefile-node azurefile sh -c 'ls /usr/libexec/azfiles /usr/sbin/azfiles.upcall; command -v azfilesauthmanager'
	echo "$output"
	[[ $status == 0 && ${lines[-1]} == /usr/local/sbin/azfilesauthmanager && $output == *'/usr/sbin/azfiles.upcall'*'No such file'* ]]

	pod csi-azurefile-node azurefile azfilesauthmanager set "https://$HOST1" --imds-client-id "$CLIENT2"
	[[ -s $KUBELET/kerberos/krb5cc_0 && -d /run/azfiles/$HOST1/$CLIENT2 ]]
	pod csi-azurefile-node azurefile azfilesauthmanager list | grep "cifs/$HOST1@"
	pod csi-azurefile-node azurefile mount -t cifs "//$HOST1/share" "$STAGE" \
		-o "$(options azurefile-managed-identity),sec=krb5,cruid=0,username=$CLIENT2$(target_option)"
	mounted "$STAGE" sec=krb5 "username=$CLIENT2" file_mode=0660
	acts_as AzureFileClient2
	# the container is gone, and the server forgets the session
	azure_files restart
	within 30 acts_as AzureFileClient2
	pod csi-azurefile-node azurefile umount "$STAGE"
	[[ $(mounts_at "$STAGE") == 0 ]]

	# a failure reaches the driver as a status and a line
	cloud_fault storage role
	run -1 pod csi-azurefile-node azurefile azfilesauthmanager set "https://$HOST1" --imds-client-id "$CLIENT1"
	[[ $output == 'azfilesauthmanager: '*role* ]]
}

@test "kubernetes: a workload's identity; the sidecar; packages onto the node" {
	local token=$KUBELET/plugins/file.csi.azure.com/token options
	mkdir -p "${token%/*}"
	cloud_assertion >"$token"
	pod csi-azurefile-node azurefile azfilesauthmanager set "https://$HOST1" --workload-identity --tenant-id "$TENANT" \
		--client-id "$CLIENT2" --token-file "$token" --authority-host https://login.microsoftonline.com/ \
		--resource https://storage.azure.com/
	options=$(options share-workload-identity),sec=krb5,cruid=0
	if [[ -n $(target_option) ]]; then
		pod csi-azurefile-node azurefile mount -t cifs "//$HOST1/share" "$STAGE" -o "$options$(target_option)"
	else
		# in a name space of its own, a kernel without that word gets no user's ticket
		mount -t cifs "//$HOST1/share" "$STAGE" -o "$options"
	fi
	mounted "$STAGE" sec=krb5
	acts_as AzureFileClient2

	pod csi-azurefile-node azfilesrefresh args &
	within 20 pgrep --full '^/usr/bin/azfilesrefresh'
	kill "$(pgrep --full '^/usr/bin/azfilesrefresh')"
	wait $! || true
	run ! pgrep --full '^/usr/bin/azfilesrefresh'

	# what the node's apt-get would be asked, with files that it can see
	mkdir /azfiles
	touch /azfiles/azfiles_1_all.deb
	# shellcheck disable=SC2016 # not for this shell
	printf '#!/bin/sh\necho "$DEBIAN_FRONTEND $(stat -c %%n:%%m /run) $*"\n' >/usr/local/sbin/apt-get
	chmod 0755 /usr/local/sbin/apt-get
	run pod azfiles-node install args
	echo "$output"
	[[ $status == 0 && ${lines[0]} == 'noninteractive /run:/run update' ]]
	[[ ${lines[1]} == *'install --yes --no-install-recommends /var/lib/azfiles-node/azfiles_1_all.deb' ]]
	[[ -e /var/lib/azfiles-node/azfiles_1_all.deb ]]
}

@test "kubernetes: a share of the node's, mounted after the pod began" {
	fstab "//$HOST1/share /srv/share azfiles identity=system,_netdev,nofail 0 0"
	pod uses-share app sh -c 'echo started; while [ ! -e /data/file ]; do sleep 0.2; done; cat /data/file' >/run/azf-test/said &
	within 20 grep -q started /run/azf-test/said
	azure_file acct1 share/file hello
	mount /srv/share
	wait $!
	[[ $(tail -n 1 /run/azf-test/said) == hello ]]
}
