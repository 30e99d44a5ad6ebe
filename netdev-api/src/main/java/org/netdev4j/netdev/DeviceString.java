package org.netdev4j.netdev;

import java.util.Map;

/**
 * A device by name, one grammar everywhere: {@code KIND[:ADDRESS][,key=value...]}, for example
 * {@code tap:nd0,mtu=9000,queues=2}.
 *
 * @param kind which driver, lower case
 * @param address what the driver is to open, or the empty string
 * @param options keys and values in the order given
 */
public record DeviceString(String kind, String address, Map<String, String> options) {
    /** @throws DeviceStringException with the position and what was expected there */
    public static DeviceString parse(String text) {
        throw new UnsupportedOperationException();
    }
}
