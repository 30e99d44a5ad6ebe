/** Frames to capture files that Wireshark and tshark read. */
package org.netdev4j.netdev.capture;
