/** From the tests that ran and the rules they carry to CONFORMANCE.md. */
package org.netdev4j.virtio.conformance;
