#!/bin/busybox sh
# First program of a guest: finds the read-only root (the disk that is an erofs), lays a writable memory
# file system over it, and hands over to /sbin/init there. Runs with busybox alone.
bb=/bin/busybox
fail() {
  echo "vfbench: $*"
  $bb poweroff -f
}

$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
while read -r module; do
  $bb insmod "/modules/$module" || echo "vfbench: module $module does not load"
done </modules/order

found=
for disk in /dev/vd? /dev/sd?; do
  [ -b "$disk" ] && $bb mount -t erofs -o ro "$disk" /lower 2>/dev/null && found=$disk && break
done
[ -n "$found" ] || fail 'no disk holds the root file system'
$bb mount -t tmpfs -o mode=755 tmpfs /upper || fail 'no memory file system'
$bb mkdir /upper/data /upper/work
$bb mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /root ||
  fail 'no overlay file system'
$bb mount --move /dev /root/dev
$bb mount --move /proc /root/proc
exec $bb switch_root /root /sbin/init
