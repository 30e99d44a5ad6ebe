package org.netdev4j.netdev;

/** Whether misuse that costs something to detect is detected: on unless {@code -Dnetdev4j.checks=false}. */
final class Checks {
    static final boolean ON = !"false".equals(System.getProperty("netdev4j.checks"));

    private Checks() {}
}
