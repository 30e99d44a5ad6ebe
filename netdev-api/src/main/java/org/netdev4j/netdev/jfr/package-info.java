/**
 * What happens to devices, for the JDK Flight Recorder, category "netdev4j": never a packet. Pools tell their levels once a
 * second while somebody records.
 */
package org.netdev4j.netdev.jfr;
