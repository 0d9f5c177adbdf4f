#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print a shell script that runs a command as in a container of a manifest.

usage: pod.py WORKLOAD CONTAINER COMMAND... | unshare --mount --propagation unchanged bash -e

The manifests are the arrays below MANIFESTS; of those with one name (a patch, and
what it is for) lists are merged by name, as kubectl does. The container's files are
those of this machine without azfiles; of the machine itself it sees what its volumes
show, with the propagation that they name. A word "args" as COMMAND is what the
manifest runs.
"""

import json
import pathlib
import shlex
import sys

MANIFESTS = pathlib.Path("/run/azf-test/manifests")
POD = "/run/azf-test/pod"
ROOT = POD + "/root"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROPAGATION = {"Bidirectional": "rshared", "HostToContainer": "rslave", "None": "rprivate"}


def merged(old, new):
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: merged(old[key], new[key]) if key in old and key in new else old.get(key, new.get(key))
                for key in {**old, **new}}
    if isinstance(old, list) and isinstance(new, list):
        if not all(isinstance(x, dict) for x in old + new):
            return new
        result = {}
        for item in old + new:
            key = item.get("mountPath") or item["name"]
            result[key] = merged(result[key], item) if key in result else item
        return list(result.values())
    return new


def manifests():
    found = {}
    for path in sorted(MANIFESTS.glob("*.json")):
        for document in json.loads(path.read_text()):
            key = (document["kind"], document["metadata"]["name"])
            found[key] = merged(found[key], document) if key in found else document
    return found


def source_of(volume, found, mount):
    """The directory or file on this machine, made where it is missing."""
    if "hostPath" in volume:
        path = volume["hostPath"]["path"]
        if volume["hostPath"].get("type") == "DirectoryOrCreate":
            print(f"mkdir -p {shlex.quote(path)}")
        return path
    if "persistentVolumeClaim" in volume:
        claim = found["PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]]
        return found["PersistentVolume", claim["spec"]["volumeName"]]["spec"]["local"]["path"]
    config = volume["configMap"]
    path = pathlib.Path(POD, "config", volume["name"], mount["subPath"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(found["ConfigMap", config["name"]]["data"][mount["subPath"]])
    path.chmod(config["defaultMode"])
    return str(path)


def bind(source, mount):
    target = ROOT + mount["mountPath"].rstrip("/")
    kind = PROPAGATION[mount.get("mountPropagation", "None")]
    source, target = shlex.quote(source), shlex.quote(target)
    print(f"if [ -d {source} ]; then mkdir -p {target}; else mkdir -p $(dirname {target}); touch {target}; fi")
    print(f"mount --rbind {source} {target}")
    print(f"mount --make-{kind} {target}")
    if mount.get("readOnly"):
        print(f"mount -o remount,bind,ro {target}")


def main():
    workload, name, *command = sys.argv[1:]
    found = manifests()
    document = next(d for (kind, n), d in found.items() if n == workload and kind in ("DaemonSet", "Pod"))
    spec = document["spec"] if document["kind"] == "Pod" else document["spec"]["template"]["spec"]
    container = next(c for c in spec["containers"] + spec.get("initContainers", []) if c["name"] == name)
    volumes = {v["name"]: v for v in spec["volumes"]}
    if command == ["args"]:
        command = container["command"]

    # what is mounted below is this name space's alone
    print(f"mount --make-rprivate /run; mkdir -p {POD}/upper {POD}/work {ROOT}")
    print(f"mount -t overlay -o lowerdir=/,upperdir={POD}/upper,workdir={POD}/work pod {ROOT}")
    print(f"mount --rbind /proc {ROOT}/proc; mount --make-rprivate {ROOT}/proc")
    print(f"mount --rbind /dev {ROOT}/dev; mount --make-rprivate {ROOT}/dev")
    print(f"(cd {ROOT} && xargs rm -f) </usr/local/share/azf-test/installed")
    for mount in container.get("volumeMounts", []):
        bind(source_of(volumes[mount["name"]], found, mount), mount)
    words = ["env", "-i", f"PATH={PATH}"]
    words += [f"{e['name']}={e['value']}" for e in container.get("env", [])]
    words += command
    # without hostPID, process 1 is the container's own
    if spec.get("hostPID"):
        print(f"exec chroot {ROOT} {shlex.join(words)}")
    else:
        print(f"exec unshare --propagation unchanged --pid --fork --mount-proc={ROOT}/proc chroot {ROOT} {shlex.join(words)}")


main()
