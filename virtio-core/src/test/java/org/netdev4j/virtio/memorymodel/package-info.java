/**
 * Exhaustive checking of what two threads do in shared memory, under a memory model as weak as Java's release/acquire, on
 * any machine. The code under test is the real one: {@link org.netdev4j.virtio.memorymodel.RecordingLoader} rewrites its
 * memory accesses as it is loaded, so the code itself knows nothing of this.
 */
package org.netdev4j.virtio.memorymodel;
