#!/bin/busybox sh
# What busybox's DHCP client calls with a lease: sets address and default route.
[ "$1" = bound ] || exit 0
busybox ip addr add "$ip/${mask:-24}" dev "$interface"
for gateway in $router; do busybox ip route replace default via "$gateway" dev "$interface" && break; done
: >/etc/resolv.conf
for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
