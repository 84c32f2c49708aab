#!/bin/busybox sh
# Makes the root of a native pod and runs a command in it as process 1. Runs in the pod's own network, mount and
# pid namespaces. Arguments: guest root, pod folder (with `files` to copy in), runner bundle, command.
set -e
guest=$1 pod=$2 bundle=$3
shift 3

new=$pod/root
mount -t tmpfs -o mode=755 tmpfs "$new"
cd "$new"
mkdir -p usr dev proc sys run tmp root var/tmp opt/vfbench
mount --bind "$guest/usr" usr
# Refused where the host's own mount is restricted; the guest root is then protected by nothing but good manners.
mount -o remount,bind,ro usr 2>/dev/null || true
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
cp -r "$guest/etc" etc
cp -r "$pod/files/." .
cp "$bundle" opt/vfbench/runner.mjs
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
ln -s /proc/self/fd dev/fd
exec chroot . "$@"
