/** Faults on purpose, around any device: packets lost, doubled, damaged, out of order, late or slowed down. */
package org.netdev4j.netdev.fault;
