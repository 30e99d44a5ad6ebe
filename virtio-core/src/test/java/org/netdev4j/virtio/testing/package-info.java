/** What tests of virtqueues and of all that is built on them share. */
package org.netdev4j.virtio.testing;
