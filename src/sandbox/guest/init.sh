#!/bin/busybox sh
# Process 1 of a guest: drivers, management NIC, seed, then the runner; power off at its end, however it ends.
# Kernel command line: vfbench.vf=MAC makes one virtual function with that MAC on the SR-IOV NIC of the guest
# (a stand-in for passthrough: on real hardware the VF is there from the start).
export PATH=/usr/sbin:/usr/bin HOME=/root
say() { echo "vfbench: $*"; }

nics=/sys/class/net
# Here a bare `ip` is busybox's own, which starts faster; only the MAC of a VF needs the real one.
iproute2=/usr/bin/ip

mount_all() {
  mount -t sysfs sysfs /sys
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /tmp
  mkdir -p /run/cidata
  mount -t devpts devpts /dev/pts 2>/dev/null
}

# Drivers of every network device that is plugged in, by the kernel's own aliases.
load_virtio_drivers() {
  for device in /sys/bus/virtio/devices/*; do
    read -r alias <"$device/modalias" && modprobe -q "$alias"
  done
}
load_pci_drivers() {
  for device in /sys/bus/pci/devices/*; do
    read -r class <"$device/class"
    case $class in 0x02*) read -r alias <"$device/modalias" && modprobe -q "$alias" ;; esac
  done
}

nic_of_mac() {
  for nic in "$nics"/*; do
    read -r address <"$nic/address"
    [ "$address" = "$1" ] && echo "${nic##*/}" && return
  done
}

make_virtual_function() {
  for nic in "$nics"/*; do [ -e "$nic/device/sriov_numvfs" ] && pf=${nic##*/}; done
  [ -n "$pf" ] || { say 'no SR-IOV NIC found'; return; }
  ip link set "$pf" up
  echo 1 >"$nics/$pf/device/sriov_numvfs"
  $iproute2 link set "$pf" vf 0 mac "$vf"
  load_pci_drivers
}

# By the volume label that NoCloud asks for, 32808 bytes into an ISO 9660 image.
mount_seed() {
  modprobe isofs
  for disk in /dev/vd? /dev/sd? /dev/sr?; do
    case $(dd if="$disk" bs=1 skip=32808 count=6 2>/dev/null) in cidata | CIDATA) ;; *) continue ;; esac
    mount -t iso9660 -o ro,nojoliet "$disk" /run/cidata && return
  done
  say 'no seed found'
}

# MACs of the seed's network-config (YAML or JSON) that want DHCP. Entries of other guests are there too.
dhcp_macs() {
  tr -d ' "' </run/cidata/network-config | tr ',{}' '\n\n\n' | awk -F: '
    $1 == "macaddress" { sub(/^macaddress:/, ""); gsub(/\047/, ""); mac = tolower($0) }
    $1 == "dhcp4" && $2 == "true" && mac != "" { print mac }'
}

up_management() {
  ip link set lo up
  for mac in $(dhcp_macs); do
    nic=$(nic_of_mac "$mac")
    [ -n "$nic" ] || continue
    ip link set "$nic" up
    udhcpc -i "$nic" -n -q -f -t 10 -T 1 -S -s /usr/share/vfbench/udhcpc.sh >/dev/null 2>&1 ||
      say "no address by DHCP on $nic"
  done
}

# A guest that plays a cloud image: it has cloud-init, and neither runner nor Node. What the user data run ends it.
be_cloud_image() {
  say 'as a cloud image: cloud-init takes over'
  node /usr/share/vfbench/cloud-init.mjs /run/cidata/user-data
  rm -rf /usr/bin/node /opt/vfbench
  sh /var/lib/cloud/instance/scripts/runcmd
}

# The power button: what KubeVirt presses when a VM is to stop.
watch_power_button() {
  modprobe -q button
  modprobe -q evdev
  for event in /dev/input/event*; do
    [ -e "$event" ] || continue
    (head -c 1 "$event" >/dev/null && say 'power button' && end) &
  done
}

# A VF guest ends by a reset, which ends QEMU (-no-reboot): an orderly shutdown of the emulated NIC takes a second.
end() {
  [ -z "$vf" ] || echo b >/proc/sysrq-trigger
  poweroff -f
}

mount_all
vf=$(sed -n 's/.*vfbench\.vf=\([0-9A-Fa-f:]*\).*/\1/p' /proc/cmdline)
load_virtio_drivers
# Beside the rest, since most of it is waiting. The runner waits for the data NIC itself.
{ load_pci_drivers && [ -z "$vf" ] || make_virtual_function; } &
mount_seed
up_management
watch_power_button
if grep -q '"runcmd"' /run/cidata/user-data; then be_cloud_image; end; fi
say "runner starts $(cut -d' ' -f1 /proc/uptime) s after power-on"
node /opt/vfbench/runner.mjs --seed /run/cidata/user-data
say "runner ended with code $?"
end
