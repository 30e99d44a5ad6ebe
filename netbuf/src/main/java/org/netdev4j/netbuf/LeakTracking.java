package org.netdev4j.netbuf;

import java.util.Locale;

/**
 * How much a pool remembers of who uses its buffers. Without {@link NetBufPool.Builder#leakTracking} it is what
 * {@code -Dnetdev4j.leakTracking=off|sampled|paranoid} says, or {@link #OFF}.
 */
public enum LeakTracking {
    /** Nothing; costs nothing. */
    OFF,
    /** Where one buffer in 128 was allocated, touched last and freed: finds what leaks often, at a small cost. */
    SAMPLED,
    /**
     * Where every buffer was allocated, touched last and freed; and free buffers are filled with a pattern that has to be
     * there still at the next allocation. For tests: microseconds for each buffer.
     */
    PARANOID;

    static LeakTracking ofProperty() {
        String value = System.getProperty("netdev4j.leakTracking", "off");
        for (LeakTracking tracking : values()) {
            if (value.equals(tracking.name().toLowerCase(Locale.ROOT))) {
                return tracking;
            }
        }
        throw new IllegalArgumentException(
                "netdev4j.leakTracking=" + value + " asked, allowed are off, sampled and paranoid");
    }
}
