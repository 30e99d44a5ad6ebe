/** Virtqueues, both ends (virtio 1.4 §2.6 to §2.8), over memory that the other side may write at any time. */
package org.netdev4j.virtio.queue;
