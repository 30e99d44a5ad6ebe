/** The virtio-net driver, and what driver and device share: features, configuration layout, packet header. */
package org.netdev4j.virtio.net;
