/**
 * The transport between a driver and a device in different processes: vhost-user, a Unix socket over which memory, kick and
 * call descriptors pass, and rings in shared memory. Front-end is the driver's side, back-end the device's.
 */
package org.netdev4j.virtio.transport.vhostuser;
