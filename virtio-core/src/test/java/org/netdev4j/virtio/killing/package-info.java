/** Ends a device end between any two of its writes, as the kernel ends a process. */
package org.netdev4j.virtio.killing;
