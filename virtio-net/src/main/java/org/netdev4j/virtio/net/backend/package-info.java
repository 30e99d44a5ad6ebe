/** Where a device's frames go to and come from: loopback, hub, TAP. */
package org.netdev4j.virtio.net.backend;
