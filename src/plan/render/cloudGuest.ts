/**
 * How the runner starts in a guest that knows nothing of vfbench, any cloud image with cloud-init: from a disk that is
 * attached beside the image's own. Nothing is installed, since the disk's file system holds all that the runner needs,
 * libraries included, and the runner sees no other.
 */

/** By it the guest finds the runner's disk; virtio-blk carries at most 20 characters. */
export const RUNNER_DISK_SERIAL = 'vfbench-runner';
/** Where cloud-init keeps the user data as they came, for root only. */
export const USER_DATA_FILE = '/var/lib/cloud/instance/user-data.txt';

/**
 * POSIX shell, run by cloud-init at the end of its work (runcmd). Needs of the image: mount, chroot, cp, poweroff, and
 * a kernel that reads the disk's file system. Says on the console what went wrong, and ends the guest in any case, so
 * that a failure is seen at once.
 */
export const START_SCRIPT = `root=/run/vfbench/root
if { : >/dev/console; } 2>/dev/null; then exec </dev/null >/dev/console 2>&1; fi
say() { echo "vfbench: $*"; }
find_disk() {
  for block in /sys/block/*; do
    [ -r "$block/serial" ] || continue
    [ "$(cat "$block/serial")" = ${RUNNER_DISK_SERIAL} ] && disk=/dev/\${block##*/} && return
  done
  say 'no disk with the serial number ${RUNNER_DISK_SERIAL}'
  return 1
}
mount_root() {
  mkdir -p $root && mount -o ro "$disk" $root || { say "cannot mount the runner disk $disk"; return 1; }
  for folder in dev proc sys; do mount -o rbind /$folder $root/$folder || return; done
  for folder in run tmp; do mount -t tmpfs tmpfs $root/$folder || return; done
  (umask 077 && cp ${USER_DATA_FILE} $root/run/user-data)
}
run() {
  find_disk && mount_root || return
  say "runner starts $(cut -d' ' -f1 /proc/uptime) s after power-on"
  PATH=/usr/sbin:/usr/bin HOME=/root chroot $root /usr/bin/node /opt/vfbench/runner.mjs --seed /run/user-data
}
run
say "runner ended with code $?"
poweroff -f || poweroff
`;

/** Sections of cloud-config that start the runner, and keep cloud-init from what would cost time or need a network. */
export const CLOUD_SECTIONS = {
  package_update: false,
  package_upgrade: false,
  growpart: { mode: 'off' },
  resize_rootfs: false,
  runcmd: [['sh', '-c', START_SCRIPT]],
} as const;
