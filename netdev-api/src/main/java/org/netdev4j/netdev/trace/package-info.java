/** Packets as lines of text, for people. */
package org.netdev4j.netdev.trace;
