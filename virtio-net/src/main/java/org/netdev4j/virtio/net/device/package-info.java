/** The virtio-net device model: what stands at the other end of the driver's queues. */
package org.netdev4j.virtio.net.device;
