/** Linux system calls through {@code java.lang.foreign}, and nothing but: the one place in netdev4j that leaves Java. */
package org.netdev4j.virtio.linux;
