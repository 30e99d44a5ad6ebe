/** What a device model builds on: its loop, its queues and its configuration. */
package org.netdev4j.virtio.device;
