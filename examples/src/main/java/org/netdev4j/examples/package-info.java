/** The command line. */
package org.netdev4j.examples;
