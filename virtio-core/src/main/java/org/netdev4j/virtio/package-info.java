/** Virtio for any device type: features, status, the bus and what a transport is. */
package org.netdev4j.virtio;
