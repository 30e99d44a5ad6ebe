/** What a device does not do for its packets, done in software: checksums, segmentation, chains that are too long. */
package org.netdev4j.netdev.offload;
