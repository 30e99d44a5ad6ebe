package org.netdev4j.virtio.net;

import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.virtio.VirtioTransport;

/**
 * What the queues of a driver have from it.
 *
 * @param control held around every control call to the transport
 * @param events told what happens to a queue, by any thread
 */
record DriverContext(VirtioTransport transport, Object control, DeviceListener events) {}
