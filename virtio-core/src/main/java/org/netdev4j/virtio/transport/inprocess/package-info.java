/** The transport between a driver and a device model in the same JVM. */
package org.netdev4j.virtio.transport.inprocess;
